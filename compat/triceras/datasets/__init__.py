"""Small datasets to try models on, downloaded when asked for and kept in the cache of `utils.get_file`."""

from triceras.datasets import boston_housing as boston_housing
from triceras.datasets import california_housing as california_housing
from triceras.datasets import cifar10 as cifar10
from triceras.datasets import cifar100 as cifar100
from triceras.datasets import fashion_mnist as fashion_mnist
from triceras.datasets import imdb as imdb
from triceras.datasets import mnist as mnist
from triceras.datasets import reuters as reuters
