"""All samples of one split at one epoch, as tiles."""

from dashboard.gallery.component import draw
from dashboard.live import parts

parts.page(draw)
