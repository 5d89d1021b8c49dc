"""Data made ready for models: images, sequences, and datasets of them."""

from triceras.preprocessing import image as image
from triceras.preprocessing import sequence as sequence
from triceras.utils.directories import image_dataset_from_directory as image_dataset_from_directory
from triceras.utils.directories import text_dataset_from_directory as text_dataset_from_directory
from triceras.utils.timeseries import timeseries_dataset_from_array as timeseries_dataset_from_array
