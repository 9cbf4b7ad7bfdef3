"""Market packs: a folder of plain files, the portable form of the archive."""

from bot.market_pack.export import export_pack
from bot.market_pack.import_ import ImportReport, import_pack
from bot.market_pack.reader import Pack, read_pack
from bot.market_pack.to_market import pack_market

__all__ = ["ImportReport", "Pack", "export_pack", "import_pack", "pack_market", "read_pack"]
