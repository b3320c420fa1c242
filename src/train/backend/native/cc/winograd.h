// Convolution by filters of 3x3 cells, a stride of 1 and a padding of 1, by Winograd's algorithm: 16 products for each 2x2 results
// and channel instead of 36. Its sums and halves lose no more digits than the order of additions does.
//
//     y = A^T [ (G g G^T) * (B^T d B) ] A,   * position by position, summed over channels: 16 products of matrices
//
// A. Lavin, S. Gray: Fast Algorithms for Convolutional Neural Networks. https://arxiv.org/abs/1509.09308
#pragma once

#include <vector>
#include "matmul.h"
#include "parallel.h"
#include "winograd-tiles.h"

namespace lossnet {

// ---- y from x, and dx from dy: that is the same with the filter turned by half a circle, its inputs and outputs exchanged

// The transformed filter [9, inputs, outputs], each position as packed panels.
class TransformedFilter {
 public:
  TransformedFilter(const float *filter, size_t inputs, size_t outputs, bool turned, Room &room)
      : k_(turned ? outputs : inputs), n_(turned ? inputs : outputs), apart_(Apart(PanelsOf(n_) * k_ * kPanel)),
        data_(room.Of(kPositions * apart_)) {
    const size_t cell = inputs * outputs;
    Threads::All().For(PanelsOf(n_), [&](size_t panel) {
      const size_t first = panel * kPanel, width = std::min(kPanel, n_ - first);
      alignas(64) float g[kCells * kPanel] = {};
      for (size_t k = 0; k < k_; k++) {
        for (size_t i = 0; i < kCells; i++) {
          const float *from = turned ? filter + (kCells - 1 - i) * cell + first * outputs + k : filter + i * cell + k * outputs + first;
          const size_t next = turned ? outputs : 1;
          for (size_t j = 0; j < width; j++) g[i * kPanel + j] = from[j * next];
        }
        TransformFilter(g, kPanel, kPanel, data_ + (panel * k_ + k) * kPanel, apart_);
      }
    });
  }

  size_t columns() const { return PanelsOf(n_) * kPanel; }
  Panels At(size_t position) const { return {data_ + position * apart_, kPanel, k_ * kPanel}; }

 private:
  size_t k_, n_, apart_;
  float *data_;
};

// As many tiles at a time as keep what is made of them near the processor.
inline size_t TilesAtATime(size_t channels) {
  constexpr size_t kNear = 512 * 1024 / sizeof(float);
  const size_t rows = PanelKernels::Here().most, blocks = kNear / (kPositions * channels * rows);
  return rows * std::min<size_t>(std::max<size_t>(blocks, 2), 56 / rows);
}

// What is done to each result: a channel's bias is added, and it is at least `floor`.
struct Finish {
  const float *bias;
  float floor;
};

inline void Convolve(const float *x, const Images &in, const TransformedFilter &filter, Finish finish, float *y, const Images &out) {
  const size_t tiles = in.tiles(), columns = filter.columns(), block = TilesAtATime(in.channels + columns);
  Threads::All().For((tiles + block - 1) / block, [&](size_t piece) {
    const size_t begin = piece * block, count = std::min(block, tiles - begin);
    const size_t ofCells = Apart(block * in.channels), ofResults = Apart(block * columns);
    float *v = Room::Here().Of(kPositions * (ofCells + ofResults + std::max(in.channels, columns)));
    float *m = v + kPositions * ofCells, *room = m + kPositions * ofResults;
    for (size_t t = 0; t < count; t++) {
      const Tile tile(in, begin + t);
      const Cells cells = CellsAt(x, in, tile, 1, kTile, {0, in.channels}, room);
      TransformCells(cells.data, cells.row, cells.column, in.channels, v + t * in.channels, ofCells);
    }
    for (size_t p = 0; p < kPositions; p++) {
      Multiply({v + p * ofCells, in.channels, 1}, count, filter.At(p), in.channels, columns, m + p * ofResults, columns);
    }
    for (size_t t = 0; t < count; t++) {
      const Tile tile(out, begin + t);
      const auto write = [&](float *to, size_t row) {
        TransformResults(m + t * columns, ofResults, out.channels, finish.bias, finish.floor, to, row, out.channels);
      };
      float *to = y + out.At(tile.image, tile.top, tile.left);
      const size_t row = out.width * out.channels;
      const size_t high = std::min<size_t>(2, out.height - tile.top), broad = std::min<size_t>(2, out.width - tile.left);
      if (high == 2 && broad == 2) {
        write(to, row);
        continue;
      }
      write(room, 2 * out.channels);
      for (size_t i = 0; i < high; i++) std::memcpy(to + i * row, room + i * 2 * out.channels, broad * out.channels * sizeof(float));
    }
  });
}

// ---- the filter's gradient
//
//     dg = G^T [ (B^T d B) * (A dy A^T) ] G,   * summed over all tiles

// So many tiles at a time.
constexpr size_t kTiles = 112;

// What some tiles add to some channels' gradient: dg [9, in, out].
inline void FilterShare(const float *x, const Images &in, const float *dy, const Images &out, Range tiles, Range inputs,
                        Range outputs, float *dg) {
  const size_t columns = PanelsOf(outputs.width) * kPanel;
  const size_t ofCells = Apart(kTiles * inputs.width), ofResults = Apart(kTiles * columns), ofFilter = Apart(inputs.width * columns);
  float *v = Room::Here().Of(kPositions * (ofCells + ofResults + ofFilter + std::max(inputs.width, columns)));
  float *m = v + kPositions * ofCells, *u = m + kPositions * ofResults, *room = u + kPositions * ofFilter;
  if (columns > outputs.width) std::fill(m, u, 0.0f);  // behind the last channel
  // As few blocks as there can be, alike in size.
  const size_t blocks = (tiles.width + kTiles - 1) / kTiles, end = tiles.first + tiles.width, block = (tiles.width + blocks - 1) / blocks;
  for (size_t begin = tiles.first; begin < end; begin += block) {
    const size_t count = std::min(block, end - begin);
    for (size_t t = 0; t < count; t++) {
      const Tile tile(in, begin + t);
      const Cells cells = CellsAt(x, in, tile, 1, kTile, inputs, room);
      TransformCells(cells.data, cells.row, cells.column, inputs.width, v + t * inputs.width, ofCells);
      const Cells results = CellsAt(dy, out, tile, 0, 2, outputs, room);
      TransformResultsBack(results.data, results.row, results.column, outputs.width, m + t * columns, ofResults);
    }
    for (size_t p = 0; p < kPositions; p++) {
      Multiply({v + p * ofCells, 1, inputs.width}, inputs.width, {m + p * ofResults, columns, kPanel}, count, columns, u + p * ofFilter,
               columns, begin > tiles.first);
    }
  }
  const size_t cell = in.channels * out.channels;
  for (size_t i = 0; i < inputs.width; i++) {
    TransformFilterBack(u + i * columns, ofFilter, outputs.width, dg + (inputs.first + i) * out.channels + outputs.first, cell);
  }
}

// dg [9, in, out]
inline void FilterGradient(const float *x, const Images &in, const float *dy, const Images &out, float *dg) {
  // So many channels at a time, of the inputs and of the outputs: what is made of them stays near the processor.
  constexpr size_t kSlice = 128;
  const auto slicesOf = [](size_t channels) { return (channels + kSlice - 1) / kSlice; };
  const auto sliceOf = [&](size_t slice, size_t channels) { return Range{slice * kSlice, std::min(kSlice, channels - slice * kSlice)}; };
  // Few channels: groups of tiles side by side, whose shares are added up in the end.
  constexpr size_t kPieces = 16;
  constexpr size_t kFewest = 2 * kTiles;  // tiles: each group's sums have to be transformed back
  const size_t slices = slicesOf(in.channels) * slicesOf(out.channels), tiles = in.tiles();
  const size_t groups = std::min(std::max<size_t>(tiles / kFewest, 1), (kPieces + slices - 1) / slices);
  const size_t size = kCells * in.channels * out.channels;
  static thread_local Room ofShares;
  float *shares = groups > 1 ? ofShares.Of(groups * size) : dg;
  Threads::All().For(groups * slices, [&](size_t piece) {
    const size_t group = piece % groups, slice = piece / groups;
    const size_t first = group * tiles / groups, end = (group + 1) * tiles / groups;
    FilterShare(x, in, dy, out, {first, end - first}, sliceOf(slice / slicesOf(out.channels), in.channels),
                sliceOf(slice % slicesOf(out.channels), out.channels), shares + group * size);
  });
  if (groups == 1) return;
  for (size_t i = 0; i < size; i++) {
    float sum = shares[i];
    for (size_t group = 1; group < groups; group++) sum += shares[group * size + i];
    dg[i] = sum;
  }
}

}  // namespace lossnet
