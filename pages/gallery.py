"""All samples of one split at one epoch, as tiles."""

from dashboard import ui
from dashboard.gallery.component import gallery

run, split, epoch = ui.need_predictions()
gallery(ui.current(), run, split, epoch)
