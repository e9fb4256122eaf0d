"""The helpers of C-bar against SciPy, geometry and physics."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from robench_corruptions.kernels.bilinear import looked_up
from robench_corruptions.kernels.caustics import caustics, refraction
from robench_corruptions.kernels.line import segment
from robench_corruptions.kernels.perlin import lattice, turbulence
from robench_corruptions.kernels.sparkles import burst
from robench_corruptions.kernels.spectrum import frequency, phases, spectral_noise
from robench_corruptions.kernels.spline import splined
from robench_corruptions.kernels.waves import plane_wave, plasma, rings


def _image_and_places() -> tuple[np.ndarray, np.ndarray]:
    """Return an image (33, 47, 3) and positions (2, 20, 25) within it, on pixels, on its rim and beyond."""
    random = np.random.default_rng(0)
    places = random.uniform(-3, 50, (2, 20, 25))
    places[:, :5] = np.round(places[:, :5])
    places[:, 5, :4] = [[0, 32, 0, 32], [0, 46, 46, 0]]
    return random.random((33, 47, 3)), places


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_looked_up_is_scipys_linear_interpolation_on_black(dtype: type) -> None:
    image, places = _image_and_places()
    image = (image * 255).astype(dtype)
    channels = [
        ndimage.map_coordinates(image[..., c], places, np.float64, order=1, mode="grid-constant") for c in range(3)
    ]
    np.testing.assert_allclose(looked_up(image, *places), np.stack(channels, axis=2), atol=1e-10)


def test_splined_is_scipys_cubic_spline() -> None:
    image, places = _image_and_places()
    channels = [ndimage.map_coordinates(image[..., c], places, prefilter=False) for c in range(3)]
    np.testing.assert_array_equal(splined(image[None], *places)[0], np.stack(channels, axis=2))


@pytest.mark.parametrize("shape", [(32, 32), (33, 33), (33, 48), (40, 35)], ids=str)
def test_spectral_noise_has_its_spectrum(shape: tuple[int, int]) -> None:
    height, width = shape
    angles = phases(np.random.RandomState(0), height, width)
    assert angles.shape == shape
    np.testing.assert_array_equal(angles[:, : width // 2], angles[::-1, ::-1][:, : width // 2])
    flat = np.ones(shape)
    noise = spectral_noise(flat, angles)
    # The real part of a field whose spectrum is e^(i angle): half the sum with the conjugate at the negative frequency.
    spectrum = np.fft.fftshift(np.exp(1j * angles))
    mirrored = np.roll(spectrum[::-1, ::-1], (1, 1), axis=(0, 1)).conj()
    expected = np.abs(spectrum + mirrored)
    measured = np.abs(np.fft.fft2(noise))
    np.testing.assert_allclose(measured / measured.max(), expected / expected.max(), atol=1e-9)
    assert noise.std() == pytest.approx(1)


def test_frequencies_grow_from_the_middle_in_cycles_per_shorter_side() -> None:
    grid = frequency(32, 64)
    assert grid[16, 32] == 0
    assert grid[16, 34] == grid[17, 32] == 1  # two cycles along 64 pixels are one along 32
    assert grid[0, 0] == pytest.approx(math.hypot(16, 16))


def test_plane_wave_is_a_sine_along_its_direction() -> None:
    y, x = np.mgrid[:33, :47]
    np.testing.assert_allclose(plane_wave(33, 47, 0.3, -1.2, 0.5), np.sin(0.3 * x - 1.2 * y + 0.5), atol=1e-12)


def test_rings_without_waves_are_distances_modulo_their_width() -> None:
    y, x = np.mgrid[:33, :47]
    distance = np.hypot(x - 20.3, y - 11.7)
    np.testing.assert_allclose(rings(33, 47, 20.3, 11.7, 3.0, 0.0, 5.0), distance % 5 / 5 - 0.5, atol=1e-9)


def test_plasma_without_iterations_is_sines_of_the_coordinates() -> None:
    y, x = np.mgrid[:33, :47] / 7
    expected = [np.sin(x - 2), np.sin((x + y + np.sin(2)) / 2), np.sin(y + 2)]
    np.testing.assert_allclose(plasma(33, 47, 2.0, 0, 0.7, 7.0), np.stack(expected, axis=2), atol=1e-12)


def test_perlin_noise_vanishes_on_its_lattice_only() -> None:
    order, gradients = lattice(np.random.RandomState(3))
    assert sorted(order) == list(range(256))
    np.testing.assert_allclose((gradients**2).sum(axis=1), 1)
    noise = turbulence(order, gradients, 33, 49, 8.0, 1)
    assert (noise[::8, ::8] == 0).all()
    assert (noise[4::8, 4::8] > 0).all()


def test_perlin_noise_has_its_gradients_at_the_lattice() -> None:
    """Near a corner only its own ramp counts: 1.5 * |gradient . offset|."""
    order, gradients = lattice(np.random.RandomState(3))
    cell = 1024.0
    noise = turbulence(order, gradients, 3, 3, cell, 1)
    corner = gradients[order[order[0]]]
    for y, x in [(0, 1), (1, 0), (1, 1), (2, 1)]:
        ramp = 1.5 * abs(corner @ [y, x]) / cell
        assert noise[y, x] == pytest.approx(ramp, abs=2e-5)


def test_perlin_noise_repeats_after_256_cells() -> None:
    noise = turbulence(*lattice(np.random.RandomState(3)), 1024 + 16, 8, 4.0, 3)
    np.testing.assert_allclose(noise[:16], noise[1024:], atol=1e-9)


def test_octaves_add_up() -> None:
    field = lattice(np.random.RandomState(3))
    both = turbulence(*field, 20, 20, 8.0, 2)
    np.testing.assert_allclose(both, turbulence(*field, 20, 20, 8.0, 1) + turbulence(*field, 20, 20, 4.0, 1) / 2)


def test_caustics_repeat_and_lie_between_dark_and_bright() -> None:
    light = caustics(60, 80, 1.3, 25.0)
    np.testing.assert_allclose(light[:25], light[25:50], atol=1e-6)
    np.testing.assert_allclose(light[:, :25], light[:, 50:75], atol=1e-6)
    assert light.min() >= 0
    assert 0.5 < light.max() <= 1


def test_refraction_obeys_snells_law() -> None:
    random = np.random.default_rng(0)
    down, right = random.uniform(-1, 1, (2, 8, 9))
    y, x = refraction(down, right, 4.0)
    normal = np.stack([down, right, np.ones_like(down)])
    normal /= np.linalg.norm(normal, axis=0)
    ray = np.stack([y, x, np.sqrt(1 - y**2 - x**2)])
    outside, inside = normal[2], (ray * normal).sum(axis=0)
    steep = outside < 0.999
    assert steep.any()
    np.testing.assert_allclose(np.sqrt(1 - inside**2)[steep], np.sqrt(1 - outside**2)[steep] / 4, atol=1e-9)
    np.testing.assert_allclose(y * right - x * down, 0, atol=1e-12)  # in the plane of incidence


def test_flat_water_does_not_refract() -> None:
    flat = np.full((2, 2), 0.02)
    assert not np.any(refraction(flat, -flat, 4.0))


def test_a_burst_of_equal_rays_falls_with_the_square_of_the_distance() -> None:
    light = burst(65, 65, 32.0, 32.0, np.full(60, 4.0), 1.0)
    y, x = np.mgrid[-32:33, -32:33]
    part = ((np.arctan2(x, y) + np.pi) / (2 * np.pi) * 60) % 1
    expected = np.clip((1 - (part - 0.5) ** 2) * 16 / (y**2 + x**2 + 1e-4), 0, 1)
    clear = np.minimum(part, 1 - part) > 1e-6  # on a ray itself rounding decides to which side it counts
    assert clear.sum() > 4000
    np.testing.assert_allclose(light[clear], expected[clear], atol=1e-9)


def test_a_burst_reaches_as_far_as_its_rays() -> None:
    light = burst(65, 65, 32.0, 32.0, np.array([2.0, 2.0, 20.0, 2.0]), 2.0)
    down, up = light[52, 32], light[12, 32]
    assert down > 10 * up  # ray 2 of 4 points at angle 0, which is down


ENDS = st.integers(-40, 40)


@settings(max_examples=100, deadline=None)
@given(row=ENDS, column=ENDS, last_row=ENDS, last_column=ENDS)
def test_opacity_falls_with_the_distance_from_the_segment(
    row: int, column: int, last_row: int, last_column: int
) -> None:
    pixels, opacity = segment(row, column, last_row, last_column)
    across, down = last_column - column, last_row - row
    length = math.hypot(across, down) or 1.0
    distance = abs((pixels[:, 0] - row) * across - (pixels[:, 1] - column) * down) / length
    np.testing.assert_allclose(opacity, 1 - distance, atol=1e-12)
    assert tuple(pixels[0]) == (row, column)
    assert (last_row, last_column) in set(map(tuple, pixels))
    longer = int(abs(across) > abs(down))
    first, last = sorted([(row, column)[longer], (last_row, last_column)[longer]])
    half_covered = set(pixels[opacity >= 0.5 - 1e-12][:, longer])
    assert half_covered == set(range(first, last + 1))
