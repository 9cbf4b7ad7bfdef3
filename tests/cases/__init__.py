"""Faults seen in the field, one module a case. Each asserts the right result; a fault that still exists is marked so."""
