"""Pictures of images with boxes and masks. Matplotlib, for the galleries, and Pillow, for text, are optional."""

from triceras.visualization.boxes import draw_bounding_boxes as draw_bounding_boxes
from triceras.visualization.boxes import plot_bounding_box_gallery as plot_bounding_box_gallery
from triceras.visualization.gallery import plot_image_gallery as plot_image_gallery
from triceras.visualization.masks import draw_segmentation_masks as draw_segmentation_masks
from triceras.visualization.masks import plot_segmentation_mask_gallery as plot_segmentation_mask_gallery
