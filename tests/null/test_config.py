"""The settings: defaults, the configuration file, the setters."""

from __future__ import annotations

from pathlib import Path

import pytest

from triceras_backends import config


def test_defaults():
    assert (config.floatx(), config.epsilon(), config.image_data_format()) == ("float32", 1e-7, "channels_last")


def test_reading_creates_nothing(tmp_path):
    config.floatx()
    config.read_config_file()
    assert not (tmp_path / "keras_home").exists()


def test_the_file_gives_the_first_values(write_config):
    write_config({"floatx": "float16", "epsilon": 1e-4, "image_data_format": "channels_first", "other": 1})
    assert (config.floatx(), config.epsilon(), config.image_data_format()) == ("float16", 1e-4, "channels_first")


def test_a_setter_wins_over_the_file(write_config):
    write_config({"floatx": "float16", "epsilon": 1e-4})
    config.set_floatx("float64")
    assert (config.floatx(), config.epsilon()) == ("float64", 1e-4)


def test_a_setter_before_the_file_was_read(write_config):
    write_config({"floatx": "float16"})
    config.set_epsilon(0.5)
    assert (config.floatx(), config.epsilon()) == ("float16", 0.5)


def test_where_the_file_is(monkeypatch, tmp_path):
    assert config.config_path() == tmp_path / "keras_home" / "keras.json"
    monkeypatch.delenv("KERAS_HOME")
    assert config.config_path() == Path.home() / ".keras" / "keras.json"
    monkeypatch.setenv("KERAS_HOME", "")
    assert config.config_path() == Path.home() / ".keras" / "keras.json"


def test_a_home_that_is_a_file(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "file"))
    assert config.read_config_file() == {}


@pytest.mark.parametrize("value", config.FLOATS)
def test_floatx(value):
    config.set_floatx(value)
    assert config.floatx() == value


@pytest.mark.parametrize("value", ["float8", "int32", "", None, 32, "Float32"])
def test_bad_floatx(value):
    with pytest.raises(ValueError, match="floatx must be one of bfloat16, float16, float32, float64"):
        config.set_floatx(value)
    assert config.floatx() == "float32"


@pytest.mark.parametrize("value", [1e-3, 1, 1e-12])
def test_epsilon(value):
    config.set_epsilon(value)
    assert config.epsilon() == value
    assert isinstance(config.epsilon(), float)


@pytest.mark.parametrize("value", [0, -1e-7, float("nan"), "1e-7", None, True])
def test_bad_epsilon(value):
    with pytest.raises(ValueError, match="epsilon must be a positive number"):
        config.set_epsilon(value)
    assert config.epsilon() == 1e-7


@pytest.mark.parametrize("value", config.DATA_FORMATS)
def test_image_data_format(value):
    config.set_image_data_format(value)
    assert config.image_data_format() == config.standardize_data_format(None) == value


@pytest.mark.parametrize("value", ["channels", "", 1, "CHANNELS_LAST"])
def test_bad_image_data_format(value):
    with pytest.raises(ValueError, match="image_data_format must be one of"):
        config.set_image_data_format(value)
    with pytest.raises(ValueError, match="data_format must be one of"):
        config.standardize_data_format(value)


def test_a_bad_value_in_the_file_is_an_error(write_config):
    write_config({"floatx": "float31"})
    for _ in range(2):
        with pytest.raises(ValueError, match="floatx must be one of"):
            config.floatx()
