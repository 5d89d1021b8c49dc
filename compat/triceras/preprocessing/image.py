"""Images as arrays and files."""

from triceras.utils.images import array_to_img as array_to_img
from triceras.utils.images import img_to_array as img_to_array
from triceras.utils.images import load_img as load_img
from triceras.utils.images import save_img as save_img
from triceras.utils.resizing import smart_resize as smart_resize
