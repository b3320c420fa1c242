// Convolution by filters of 3x3 cells, a stride of 1 and a padding of 1, by Winograd's algorithm: 16 products for each 2x2 results
// and channel instead of 36. Its sums and halves lose no more digits than the order of additions does.
//
//     y = A^T [ (G g G^T) * (B^T d B) ] A,   * position by position, summed over channels: 16 products of matrices
//
// A. Lavin, S. Gray: Fast Algorithms for Convolutional Neural Networks. https://arxiv.org/abs/1509.09308
#pragma once

#include <memory>
#include <vector>
#include "matmul.h"
#include "parallel.h"
#include "winograd-tiles.h"

namespace lossnet {

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

// As many tiles at a time as keep what is made of them near the processor.
size_t BlockOf(size_t channels) {
  const size_t rows = PanelKernels::Here().most;
  constexpr size_t kNear = 512 * 1024 / sizeof(float);
  const size_t blocks = kNear / (kPositions * channels * rows);
  return rows * std::min<size_t>(std::max<size_t>(blocks, 2), 56 / rows);
}

// ---- y from x, and dx from dy: that is the same with the filter turned by half a circle, its inputs and outputs exchanged

// The filter's transformed positions, each as packed panels.
class Positions {
 public:
  Positions(const float *filter, size_t inputs, size_t outputs, bool transposed, Room &room)
      : k_(transposed ? outputs : inputs), n_(transposed ? inputs : outputs), to_(room.Of(kPositions * Size(k_, n_))) {
    const size_t cell = inputs * outputs;
    Threads::All().For(PanelsOf(n_), [&](size_t panel) {
      const size_t first = panel * kPanel, width = std::min(kPanel, n_ - first);
      alignas(64) float g[kCells * kPanel] = {};
      for (size_t k = 0; k < k_; k++) {
        for (size_t i = 0; i < kCells; i++) {
          const float *from = transposed ? filter + (kCells - 1 - i) * cell + first * outputs + k : filter + i * cell + k * outputs + first;
          const size_t next = transposed ? outputs : 1;
          for (size_t j = 0; j < width; j++) g[i * kPanel + j] = from[j * next];
        }
        TransformFilter(g, kPanel, kPanel, to_ + (panel * k_ + k) * kPanel, Size(k_, n_));
      }
    });
  }

  static size_t Size(size_t k, size_t n) { return Apart(PanelsOf(n) * k * kPanel); }
  Panels At(size_t position) const { return {to_ + position * Size(k_, n_), kPanel, k_ * kPanel}; }
  size_t k() const { return k_; }
  size_t wide() const { return PanelsOf(n_) * kPanel; }

 private:
  size_t k_, n_;
  float *to_;
};

// What is done to each result: a channel's bias is added, and it is at least `floor`.
struct Finish {
  const float *bias;
  float floor;
};

inline void Convolve(const float *x, const Images &in, const Positions &filter, Finish finish, float *y, const Images &out) {
  const size_t tiles = in.tiles(), wide = filter.wide();
  const size_t block = BlockOf(in.channels + wide);
  Threads::All().For((tiles + block - 1) / block, [&](size_t piece) {
    const size_t begin = piece * block, count = std::min(block, tiles - begin);
    const size_t ofCells = Apart(block * in.channels), ofResults = Apart(block * wide);
    float *v = Room::Here().Of(kPositions * (ofCells + ofResults + std::max(in.channels, wide)));
    float *m = v + kPositions * ofCells, *room = m + kPositions * ofResults;
    for (size_t t = 0; t < count; t++) {
      const Tile tile(in, begin + t);
      const Cells cells = CellsAt(x, in, tile.image, static_cast<ptrdiff_t>(tile.top) - 1, static_cast<ptrdiff_t>(tile.left) - 1, 4, 0,
                                  in.channels, room);
      TransformCells(cells.data, cells.row, cells.column, in.channels, v + t * in.channels, ofCells);
    }
    for (size_t p = 0; p < kPositions; p++) {
      Multiply({v + p * ofCells, in.channels, 1}, count, filter.At(p), in.channels, wide, m + p * ofResults, wide);
    }
    for (size_t t = 0; t < count; t++) {
      const Tile tile(out, begin + t);
      float *to = y + ((tile.image * out.height + tile.top) * out.width + tile.left) * out.channels;
      const size_t row = out.width * out.channels;
      const size_t high = std::min<size_t>(2, out.height - tile.top), broad = std::min<size_t>(2, out.width - tile.left);
      if (high == 2 && broad == 2) {
        TransformResults(m + t * wide, ofResults, out.channels, finish.bias, finish.floor, to, row, out.channels);
        continue;
      }
      TransformResults(m + t * wide, ofResults, out.channels, finish.bias, finish.floor, room, 2 * out.channels, out.channels);
      for (size_t i = 0; i < high; i++) {
        std::memcpy(to + i * row, room + i * 2 * out.channels, broad * out.channels * sizeof(float));
      }
    }
  });
}

// ---- the filter's gradient
//
//     dg = G^T [ (B^T d B) * (A dy A^T) ] G,   * summed over all tiles

constexpr size_t kSlice = 128;  // channels at a time, of the inputs and of the outputs: what they make stays near the processor
constexpr size_t kBlock = 56;   // tiles at a time

struct Range {
  size_t first, width;
};

inline Range SliceOf(size_t slice, size_t channels) { return {slice * kSlice, std::min(kSlice, channels - slice * kSlice)}; }

// What some tiles add to some channels' gradient: dg [9, in, out].
inline void FilterShare(const float *x, const Images &in, const float *dy, const Images &out, Range tiles, Range inputs, Range outputs,
                        float *dg) {
  const size_t wide = PanelsOf(outputs.width) * kPanel;
  const size_t ofCells = Apart(kBlock * inputs.width), ofResults = Apart(kBlock * wide), ofFilter = Apart(inputs.width * wide);
  float *v = Room::Here().Of(kPositions * (ofCells + ofResults + ofFilter + std::max(inputs.width, wide)));
  float *m = v + kPositions * ofCells, *u = m + kPositions * ofResults, *room = u + kPositions * ofFilter;
  if (wide > outputs.width) std::fill(m, u, 0.0f);  // behind the last channel
  for (size_t begin = tiles.first; begin < tiles.first + tiles.width; begin += kBlock) {
    const size_t count = std::min(kBlock, tiles.first + tiles.width - begin);
    for (size_t t = 0; t < count; t++) {
      const Tile tile(in, begin + t);
      const ptrdiff_t top = static_cast<ptrdiff_t>(tile.top), left = static_cast<ptrdiff_t>(tile.left);
      const Cells cells = CellsAt(x, in, tile.image, top - 1, left - 1, 4, inputs.first, inputs.width, room);
      TransformCells(cells.data, cells.row, cells.column, inputs.width, v + t * inputs.width, ofCells);
      const Cells results = CellsAt(dy, out, tile.image, top, left, 2, outputs.first, outputs.width, room);
      TransformResultsBack(results.data, results.row, results.column, outputs.width, m + t * wide, ofResults);
    }
    for (size_t p = 0; p < kPositions; p++) {
      Multiply({v + p * ofCells, 1, inputs.width}, inputs.width, {m + p * ofResults, wide, kPanel}, count, wide, u + p * ofFilter,
               wide, begin > tiles.first);
    }
  }
  for (size_t i = 0; i < inputs.width; i++) {
    TransformFilterBack(u + i * wide, ofFilter, outputs.width, dg + (inputs.first + i) * out.channels + outputs.first,
                        in.channels * out.channels);
  }
}

// dg [9, in, out]
inline void FilterGradient(const float *x, const Images &in, const float *dy, const Images &out, float *dg) {
  const size_t ofInputs = (in.channels + kSlice - 1) / kSlice, ofOutputs = (out.channels + kSlice - 1) / kSlice;
  // Few channels: groups of tiles side by side, whose shares are added up in the end.
  constexpr size_t kPieces = 16;
  const size_t slices = ofInputs * ofOutputs, blocks = (in.tiles() + kBlock - 1) / kBlock;
  const size_t groups = std::min(blocks, (kPieces + slices - 1) / slices);
  const size_t size = kCells * in.channels * out.channels;
  static thread_local Room ofShares;
  float *shares = groups > 1 ? ofShares.Of(groups * size) : dg;
  Threads::All().For(groups * slices, [&](size_t piece) {
    const size_t group = piece % groups, slice = piece / groups;
    const size_t first = group * blocks / groups * kBlock, end = std::min((group + 1) * blocks / groups * kBlock, in.tiles());
    const Range tiles{first, end - first};
    FilterShare(x, in, dy, out, tiles, SliceOf(slice / ofOutputs, in.channels), SliceOf(slice % ofOutputs, out.channels),
                shares + group * size);
  });
  if (groups == 1) return;
  for (size_t i = 0; i < size; i++) {
    float sum = shares[i];
    for (size_t group = 1; group < groups; group++) sum += shares[group * size + i];
    dg[i] = sum;
  }
}

}  // namespace lossnet
