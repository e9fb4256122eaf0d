"""What decoders make of wrong bytes: the image, array or text, or one line that names the file. Nothing else."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from robench.contracts import Download, File
from robench.data.image_files import Pictures, decoded, size_of
from robench.download.fetch import ensure
from robench.download.outside import map_array, read_text
from robench.errors import DataError
from tests.download.test_archive import ARCHIVES, MEMBERS, pack

PIXELS = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)


def encoded(kind: str, image: Image.Image | None = None, **options: object) -> bytes:
    buffer = io.BytesIO()
    (image or Image.fromarray(PIXELS)).save(buffer, kind, **options)
    return buffer.getvalue()


def saved(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


IMAGES = [encoded(kind) for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")]
IMAGES += [encoded("PNG", Image.fromarray(PIXELS).convert(mode)) for mode in ("1", "L", "P", "LA", "RGBA", "I;16")]
IMAGES += [encoded("TIFF", Image.fromarray(PIXELS), compression=way) for way in ("tiff_lzw", "jpeg", "tiff_deflate")]
ARRAYS = [saved(PIXELS), saved(np.asfortranarray(PIXELS)), saved(np.arange(9.0)), saved(np.array(3))]


@st.composite
def spoiled(draw: st.DrawFn, wholes: list[bytes]) -> bytes:
    """A whole file with bytes replaced, taken out or put in, cut at the end, or led by another's head."""
    content = bytearray(draw(st.sampled_from(wholes)))
    for _ in range(draw(st.integers(0, 8))):
        place = draw(st.integers(0, max(0, len(content) - 1)) | st.integers(0, min(80, len(content))))
        some = draw(st.binary(max_size=6))
        content[place : place + draw(st.sampled_from([0, len(some), 1, 40]))] = some
    return bytes(content[: draw(st.integers(0, len(content)) | st.just(len(content)))])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("outside")


PROPERTY = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def named(path: Path, read: Callable[..., object], *given: object) -> bool:
    """Whether `read` gives something, or one line that names the file; any other error ends the test."""
    try:
        read(*given)
    except DataError as error:
        return path.name in str(error) and "\n" not in str(error)
    return True


@PROPERTY
@given(spoiled(IMAGES))
def test_an_image_is_read_or_named(folder: Path, content: bytes) -> None:
    path = folder / "a.png"
    path.write_bytes(content)
    assert named(path, decoded, path)
    assert named(path, size_of, path)


@PROPERTY
@given(spoiled(ARRAYS))
def test_an_array_is_mapped_or_named(folder: Path, content: bytes) -> None:
    path = folder / "a.npy"
    path.write_bytes(content)
    assert named(path, map_array, path)


@PROPERTY
@given(st.binary(max_size=40))
def test_a_text_is_read_or_named(folder: Path, content: bytes) -> None:
    path = folder / "a.txt"
    path.write_bytes(content)
    assert named(path, read_text, path)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def long_text() -> bytes:
    text = PngImagePlugin.PngInfo()
    text.add_text("c", "x" * 2_000_000, zip=True)
    return encoded("PNG", pnginfo=text)


def bomb() -> bytes:
    side = 14_000
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(bytes((side // 8 + 1) * side)))
    return b"\x89PNG\r\n\x1a\n" + head + data + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (long_text(), "not a readable image .*too large"),
        (bomb(), "not a readable image .*exceeds limit"),
        (b"", "not a readable image"),
        (b"<!doctype html>", "an HTML page"),
    ],
)
def test_images_that_pillow_refuses_are_named(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "a.JPEG").write_bytes(content)
    with pytest.raises(DataError, match=f"a.JPEG: {reason}"):
        Pictures(tmp_path, ["a.JPEG"], 32).decode(0)


def deep_png(colour: int, channels: int) -> bytes:
    """A PNG of 2 x 2 pixels of 16 bits, built by hand: Pillow writes grey ones only."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 16, colour, 0, 0, 0))
    rows = b"".join(b"\0" + bytes(range(4 * channels)) for _ in range(2))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


DEEP = {
    "grey PNG": deep_png(0, 1),
    "RGB PNG": deep_png(2, 3),
    "grey and alpha PNG": deep_png(4, 2),
    "RGBA PNG": deep_png(6, 4),
    "16-bit TIFF": encoded("TIFF", Image.fromarray(PIXELS[..., 0].astype(np.uint16))),
    "32-bit TIFF": encoded("TIFF", Image.fromarray(PIXELS[..., 0].astype(np.int32))),
    "float TIFF": encoded("TIFF", Image.fromarray(PIXELS[..., 0].astype(np.float32) / 255)),
}


@pytest.mark.parametrize("content", DEEP.values(), ids=DEEP)
def test_more_than_8_bits_a_channel_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(DataError, match=r"a.png: holds more than 8 bits a channel"):
        decoded(tmp_path / "a.png")


def test_few_bits_and_packed_ones_are_scaled_to_all_of_8(tmp_path: Path) -> None:
    """2 bits a grey value are multiples of 85, as the PNG standard's left bit replication has them (section 12.4)."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 1, 2, 0, 0, 0, 0))
    row = chunk(b"IDAT", zlib.compress(bytes([0, 0b00011011])))
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + head + row + chunk(b"IEND", b""))
    assert np.asarray(decoded(tmp_path / "a.png"))[0, :, 0].tolist() == [0, 85, 170, 255]
    bitmap = struct.pack("<2sIHHI", b"BM", 58, 0, 0, 54) + struct.pack(
        "<IiiHHIIiiII", 40, 1, 1, 1, 16, 0, 4, 0, 0, 0, 0
    )
    (tmp_path / "a.bmp").write_bytes(bitmap + struct.pack("<HH", 0x7FFF, 0))
    assert np.asarray(decoded(tmp_path / "a.bmp")).tolist() == [[[255, 255, 255]]]


def test_names_of_any_bytes_are_shown_as_text(tmp_path: Path) -> None:
    name = b"train_\xe9.JPEG".decode("utf-8", "surrogateescape")
    (tmp_path / name).write_bytes(b"\xff\xd8")
    with pytest.raises(DataError, match=r"train_\\udce9.JPEG: not a readable image") as caught:
        Pictures(tmp_path, [name], 32).decode(0)
    str(caught.value).encode()


def pickles() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.array([{}], object), allow_pickle=True)
    return buffer.getvalue()


def zipped() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, a=np.zeros(3))
    return buffer.getvalue()


@pytest.mark.parametrize("content", [pickles(), zipped(), b"", b"\x80\x04."])
def test_what_is_no_array_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "fog.npy").write_bytes(content)
    with pytest.raises(DataError, match=r"fog.npy: not a readable .npy file"):
        map_array(tmp_path / "fog.npy")


@PROPERTY
@given(st.data())
def test_an_archive_is_unpacked_or_named(folder: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(ARCHIVES))
    path = folder / name
    path.write_bytes(data.draw(spoiled([pack(name, MEMBERS)])))
    assert named(path, ensure, Download(File(name), (), tuple(map(File, MEMBERS))), folder)
    for member in MEMBERS:
        (folder / member).unlink(missing_ok=True)
