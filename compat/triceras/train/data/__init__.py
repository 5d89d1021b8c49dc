"""Data for the training loop, from every kind of source."""

from triceras.train.data.arrays import ArrayData as ArrayData
from triceras.train.data.arrays import gather as gather
from triceras.train.data.arrays import split as split
from triceras.train.data.arrays import to_batch as to_batch
from triceras.train.data.convert import is_arrays as is_arrays
from triceras.train.data.data import Batch as Batch
from triceras.train.data.data import Data as Data
from triceras.train.data.sources import as_data as as_data
from triceras.utils.batches import pack_x_y_sample_weight as pack_x_y_sample_weight
from triceras.utils.batches import unpack_x_y_sample_weight as unpack_x_y_sample_weight
