"""The confusion matrix of the whole split at one epoch; every number opens its images."""

from dashboard.confusion.page import draw
from dashboard.live import parts

parts.page(draw)
