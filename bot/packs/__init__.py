"""Market packs: a folder of plain files, the portable form of the archive."""

from bot.packs.exporting import ExportReport, export_pack
from bot.packs.importing import ImportReport, import_pack
from bot.packs.market import pack_market
from bot.packs.read import Pack, read_pack

__all__ = ["ExportReport", "ImportReport", "Pack", "export_pack", "import_pack", "pack_market", "read_pack"]
