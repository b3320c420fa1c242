// Numbers that lie channels last, as rows of channels, cut into pieces: which is where follows from the shape alone, and so do the
// sums, whatever the number of threads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

// Compiled for several kinds of CPU, of which the loader takes the best that there is: for loops that compilers vectorise.
#if defined(__x86_64__) && defined(__linux__) && defined(__has_attribute)
#if __has_attribute(target_clones)
#define LOSSNET_FOR_EACH_CPU __attribute__((target_clones("avx512f", "avx2", "default")))
#endif
#endif
#ifndef LOSSNET_FOR_EACH_CPU
#define LOSSNET_FOR_EACH_CPU
#endif

// The rounds of the loop that follows do not wait for each other, also where what is written lies over what is read.
#if defined(__clang__)
#define LOSSNET_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define LOSSNET_INDEPENDENT _Pragma("GCC ivdep")
#endif

namespace lossnet {

// A rectangle of rows to go over: `width` neighbours of each, `stride` from one to the next.
struct Span {
  size_t stride, rows, width;
};

// Where the pieces are. Few channels: several rows count as one, so that loops over neighbours have enough to do. Many: a piece has
// some of them.
class Channels {
 public:
  Channels(size_t rows, size_t channels)
      : rows_(rows),
        channels_(channels),
        joined_(channels < kWide ? (kWide + channels - 1) / channels : 1),
        width_(joined_ > 1 ? joined_ * channels : std::min(channels, kTile)),
        tiles_(joined_ > 1 ? 1 : (channels + kTile - 1) / kTile),
        block_(joined_ * kGroup * std::max<size_t>(1, kPiece / (width_ * kGroup))),
        blocks_((rows + block_ - 1) / block_) {}

  size_t rows() const { return rows_; }
  size_t channels() const { return channels_; }

  // How many pieces there are.
  size_t pieces() const { return tiles_ * blocks_; }

  // Goes over a piece: `work` is given where its numbers begin, where its first channel lies, and how far it reaches.
  template <typename Work>
  void Piece(size_t piece, Work work) const {
    size_t tile = piece % tiles_, first = piece / tiles_ * block_;
    size_t rows = std::min(block_, rows_ - first), channel = tile * kTile;
    size_t begin = first * channels_ + channel;
    if (joined_ == 1) {
      work(begin, channel, Span{channels_, rows, std::min(width_, channels_ - channel)});
      return;
    }
    size_t whole = rows / joined_, rest = rows % joined_;
    if (whole > 0) work(begin, 0, Span{width_, whole, width_});
    if (rest > 0) work(begin + whole * width_, 0, Span{width_, 1, rest * channels_});
  }

  // One value for each channel, as often as rows are joined.
  std::vector<float> Wide(const float *values) const {
    std::vector<float> wide(joined_ * channels_);
    for (size_t i = 0; i < wide.size(); i++) wide[i] = values[i % channels_];
    return wide;
  }

  // For each piece, two sums of each of its channels; `work(begin, channel, span, first, second)` adds to them. Gives their totals,
  // [2, channels].
  template <typename For, typename Work>
  std::vector<double> Sums(For &&each, Work work) const {
    std::vector<double> parts(pieces() * 2 * width_, 0.0), totals(2 * channels_, 0.0);
    each(pieces(), [&](size_t piece) {
      double *own = &parts[piece * 2 * width_];
      Piece(piece, [&](size_t begin, size_t channel, Span span) { work(begin, channel, span, own, own + width_); });
    });
    for (size_t piece = 0; piece < pieces(); piece++) {
      const double *own = &parts[piece * 2 * width_];
      size_t channel = piece % tiles_ * kTile;
      size_t wide = joined_ > 1 ? width_ : std::min(width_, channels_ - channel);
      for (size_t i = 0; i < wide; i++) {
        size_t at = (channel + i) % channels_;
        totals[at] += own[i];
        totals[channels_ + at] += own[width_ + i];
      }
    }
    return totals;
  }

 private:
  static constexpr size_t kGroup = 8;        // loops take so many rows at once: a piece has no rest of them
  static constexpr size_t kWide = 64;        // loops of fewer neighbours do little at a time
  static constexpr size_t kTile = 512;       // the sums of as many channels stay in the nearest cache
  static constexpr size_t kPiece = 1 << 16;  // numbers: enough that to hand it to a thread takes no part of the time

  size_t rows_, channels_, joined_, width_, tiles_, block_, blocks_;
};

}  // namespace lossnet
