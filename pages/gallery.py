"""All samples of one split at one epoch, as tiles."""

from dashboard.screens.gallery.component import draw
from dashboard.screens.live import fragments

fragments.page(draw)
