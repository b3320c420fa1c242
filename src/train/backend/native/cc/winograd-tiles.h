// The images of a convolution of 3x3 cells, in tiles of 2x2 results, and what Winograd's algorithm makes of each: see winograd.cc.
// All loops go over neighbouring channels.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include "channels.h"
#include "matmul.h"

namespace lossnet {

constexpr size_t kPositions = 16;  // of a transformed tile
constexpr size_t kCells = 9;       // of a filter
constexpr size_t kTile = 4;        // cells along an axis, of which two results are made

// Images that lie channels last, and the tiles that cover them; behind the last row and column of an odd length is nothing.
struct Images {
  size_t count, height, width, channels;

  size_t down() const { return (height + 1) / 2; }
  size_t across() const { return (width + 1) / 2; }
  size_t tiles() const { return count * down() * across(); }
  size_t At(size_t image, size_t row, size_t column) const { return ((image * height + row) * width + column) * channels; }
};

// Where a tile lies: its image, and its first row and column.
struct Tile {
  size_t image, top, left;

  Tile(const Images &images, size_t index)
      : image(index / (images.down() * images.across())),
        top(index / images.across() % images.down() * 2),
        left(index % images.across() * 2) {}
};

// ---- the filter
//
//     U = G g G^T,   G = [1, 0, 0; 1/2, 1/2, 1/2; 1/2, -1/2, 1/2; 0, 0, 1]

// Of 9 cells, `cell` apart, the 16 positions, `position` apart.
LOSSNET_FOR_EACH_CPU void TransformFilter(const float *__restrict g, size_t cell, size_t width, float *__restrict u, size_t position) {
  LOSSNET_INDEPENDENT
  for (size_t c = 0; c < width; c++) {
    float rows[4][3];
    for (int j = 0; j < 3; j++) {
      const float a = g[j * cell + c], b = g[(3 + j) * cell + c], d = g[(6 + j) * cell + c];
      const float half = (a + d) * 0.5f;
      rows[0][j] = a;
      rows[1][j] = half + b * 0.5f;
      rows[2][j] = half - b * 0.5f;
      rows[3][j] = d;
    }
    for (int i = 0; i < 4; i++) {
      const float a = rows[i][0], b = rows[i][1], d = rows[i][2];
      const float half = (a + d) * 0.5f;
      float *to = u + 4 * i * position + c;
      to[0] = a;
      to[position] = half + b * 0.5f;
      to[2 * position] = half - b * 0.5f;
      to[3 * position] = d;
    }
  }
}

// The gradient of the cells, G^T U G, from that of the positions.
LOSSNET_FOR_EACH_CPU void TransformFilterBack(const float *__restrict u, size_t position, size_t width, float *__restrict g,
                                              size_t cell) {
  LOSSNET_INDEPENDENT
  for (size_t c = 0; c < width; c++) {
    float columns[4][3];
    for (int i = 0; i < 4; i++) {
      const float *from = u + 4 * i * position + c;
      const float a = from[0], b = from[position], d = from[2 * position], e = from[3 * position];
      columns[i][0] = a + (b + d) * 0.5f;
      columns[i][1] = (b - d) * 0.5f;
      columns[i][2] = (b + d) * 0.5f + e;
    }
    for (int j = 0; j < 3; j++) {
      const float a = columns[0][j], b = columns[1][j], d = columns[2][j], e = columns[3][j];
      g[j * cell + c] = a + (b + d) * 0.5f;
      g[(3 + j) * cell + c] = (b - d) * 0.5f;
      g[(6 + j) * cell + c] = (b + d) * 0.5f + e;
    }
  }
}

// ---- what is convolved
//
//     V = B^T d B,   B^T = [1, 0, -1, 0; 0, 1, 1, 0; 0, -1, 1, 0; 0, 1, 0, -1]

// Of 4x4 cells, `row` and `column` apart, the 16 positions.
LOSSNET_FOR_EACH_CPU void TransformCells(const float *__restrict d, size_t row, size_t column, size_t width, float *__restrict v,
                                         size_t position) {
  LOSSNET_INDEPENDENT
  for (size_t c = 0; c < width; c++) {
    float rows[4][4];
    for (int j = 0; j < 4; j++) {
      const float *from = d + j * column + c;
      const float a = from[0], b = from[row], e = from[2 * row], f = from[3 * row];
      rows[0][j] = a - e;
      rows[1][j] = b + e;
      rows[2][j] = e - b;
      rows[3][j] = b - f;
    }
    for (int i = 0; i < 4; i++) {
      float *to = v + 4 * i * position + c;
      to[0] = rows[i][0] - rows[i][2];
      to[position] = rows[i][1] + rows[i][2];
      to[2 * position] = rows[i][2] - rows[i][1];
      to[3 * position] = rows[i][1] - rows[i][3];
    }
  }
}

// ---- what comes out
//
//     y = A^T M A,   A^T = [1, 1, 1, 0; 0, 1, -1, -1]

// Of the 16 positions 2x2 results, at least `floor`.
LOSSNET_FOR_EACH_CPU void TransformResults(const float *__restrict m, size_t position, size_t width, const float *__restrict bias,
                                           float floor, float *__restrict y, size_t row, size_t column) {
  LOSSNET_INDEPENDENT
  for (size_t c = 0; c < width; c++) {
    float rows[2][4];
    for (int j = 0; j < 4; j++) {
      const float *from = m + j * position + c;
      const float a = from[0], b = from[4 * position], d = from[8 * position], e = from[12 * position];
      rows[0][j] = (a + b) + d;
      rows[1][j] = (b - d) - e;
    }
    for (int i = 0; i < 2; i++) {
      const float left = ((rows[i][0] + rows[i][1]) + rows[i][2]) + bias[c];
      const float right = ((rows[i][1] - rows[i][2]) - rows[i][3]) + bias[c];
      y[i * row + c] = left < floor ? floor : left;
      y[i * row + column + c] = right < floor ? floor : right;
    }
  }
}

// The gradient of the positions, A dy A^T, from that of the results.
LOSSNET_FOR_EACH_CPU void TransformResultsBack(const float *__restrict dy, size_t row, size_t column, size_t width,
                                               float *__restrict m, size_t position) {
  LOSSNET_INDEPENDENT
  for (size_t c = 0; c < width; c++) {
    float rows[4][2];
    for (int j = 0; j < 2; j++) {
      const float a = dy[j * column + c], b = dy[row + j * column + c];
      rows[0][j] = a;
      rows[1][j] = a + b;
      rows[2][j] = a - b;
      rows[3][j] = -b;
    }
    for (int i = 0; i < 4; i++) {
      const float a = rows[i][0], b = rows[i][1];
      float *to = m + 4 * i * position + c;
      to[0] = a;
      to[position] = a + b;
      to[2 * position] = a - b;
      to[3 * position] = -b;
    }
  }
}

// ---- tiles within their images

// Where cells lie, from one row and column to the next.
struct Cells {
  const float *data;
  size_t row, column;
};

struct Range {
  size_t first, width;
};

// `size` x `size` cells, `before` cells before where a tile begins, some channels of them: where they lie in the image, or in `room`
// where some of them lie outside of it, zeros in their place.
inline Cells CellsAt(const float *x, const Images &images, Tile tile, size_t before, size_t size, Range channels, float *room) {
  const auto at = [&](size_t row, size_t column) { return x + images.At(tile.image, row, column) + channels.first; };
  const auto isInside = [=](size_t begin, size_t length) { return begin >= before && begin - before + size <= length; };
  if (isInside(tile.top, images.height) && isInside(tile.left, images.width)) {
    return {at(tile.top - before, tile.left - before), images.width * images.channels, images.channels};
  }
  float *to = room;
  for (size_t i = tile.top; i < tile.top + size; i++) {
    for (size_t j = tile.left; j < tile.left + size; j++, to += channels.width) {
      // Below 0 counts as beyond the end.
      if (i - before < images.height && j - before < images.width) {
        std::memcpy(to, at(i - before, j - before), channels.width * sizeof(float));
      } else {
        std::fill(to, to + channels.width, 0.0f);
      }
    }
  }
  return {room, size * channels.width, channels.width};
}

// Room for what a thread makes meanwhile. It is kept: to ask the system for as much each time would take longer than to use it.
class Room {
 public:
  float *Of(size_t count) {
    if (count > count_) {
      floats_ = std::make_unique<Floats>(count);
      count_ = count;
    }
    return floats_->data();
  }

  static Room &Here() {
    static thread_local Room here;
    return here;
  }

 private:
  size_t count_ = 0;
  std::unique_ptr<Floats> floats_;
};

// From one position to the next: not a multiple of what the caches' sets are apart, as all of them would share a few.
inline size_t Apart(size_t count) {
  constexpr size_t kLine = 64 / sizeof(float);
  return (count + kLine - 1) / kLine * kLine + kLine;
}

}  // namespace lossnet
