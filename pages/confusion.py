"""The confusion matrix of the whole split at one epoch; every number opens its images."""

from dashboard.screens.confusion.page import draw
from dashboard.screens.live import fragments

fragments.page(draw)
