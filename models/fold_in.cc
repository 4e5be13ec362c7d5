#include "models/fold_in.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/cholesky.h"
#include "models/decay.h"
#include "models/lanes.h"
#include "models/retrieval.h"

namespace catwalk::models {
namespace {

constexpr size_t kTile = 8;
constexpr int kRidgeTries = 6;

}  // namespace

struct FoldIn::Scratch {
  Scratch(const FoldInOptions& options, int k)
      : stride(static_cast<size_t>((k + 7) / 8 * 8)),
        decay(options.half_life_ms),
        matrix(static_cast<int>(stride)),
        sum(stride), before(stride), after(stride), direction(stride), share(stride) {}

  void Gather(const DesignTable& table, std::span<const Interaction> history, int64_t now_ms);
  void FillMatrix(const DesignTable& table, float w0, float ridge, size_t entries);
  void AddTile(size_t first_row, size_t first_column, size_t entries);
  bool Factorise(const DesignTable& table, const FoldInOptions& options, size_t entries);
  void SolveBefore(size_t entries);
  void AddLast();

  const float* Entry(size_t i) const { return rows.data() + i * stride; }

  size_t stride;
  Decay decay;
  Cholesky<float> matrix;            // that of `before`
  AlignedVector<float> rows;         // by entry that counts: sqrt(c d^age) q
  std::vector<float> root;           // by entry that counts: sqrt(c d^age)
  std::vector<int> entry_of;         // by entry that counts: its index in the history
  AlignedVector<float> sum, before, after;
  AlignedVector<float> direction;    // A^-1 sqrt(c) q of the last entry, A that of `before`
  AlignedVector<float> share;
  float step = 0;                    // 1 + c q' A^-1 q of the last entry; 0: the last entry does not count
  bool solved = false;
};

/// The entries that count, in the order of the history.
void FoldIn::Scratch::Gather(const DesignTable& table, std::span<const Interaction> history, int64_t now_ms) {
  rows.resize(std::max(rows.size(), history.size() * stride));
  root.clear();
  entry_of.clear();
  for (size_t i = 0; i < history.size(); ++i) {
    const int row = table.RowOf(history[i].design);
    if (row < 0 || !table.HasFactor(row)) continue;
    const float weight = InteractionWeight(history[i].kind, history[i].magnitude) * decay.Over(history[i].at_ms, now_ms);
    if (!(weight > 0)) continue;
    const float* factor = table.Factor(row);
    float* scaled = &rows[entry_of.size() * stride];
    const float scale = std::sqrt(weight);
    for (size_t c = 0; c < stride; c += kTile) Store(scaled + c, Multiply(Broadcast(scale), Load(factor + c)));
    root.push_back(scale);
    entry_of.push_back(static_cast<int>(i));
  }
}

/// The upper triangle of w0 S + ridge I + sum over the first entries, and in `sum` the right-hand side.
void FoldIn::Scratch::FillMatrix(const DesignTable& table, float w0, float ridge, size_t entries) {
  const double* gram = table.gram().data();
  for (size_t i = 0; i < stride; ++i) {
    float* row = matrix.Row(i);
    for (size_t c = i / kTile * kTile; c < stride; ++c) row[c] = w0 * static_cast<float>(gram[i * stride + c]);
    row[i] += ridge;
  }
  for (size_t i = 0; i < stride; i += kTile)
    for (size_t c = i; c < stride; c += kTile) AddTile(i, c, entries);
}

/// Adds the entries to a tile of 8 x 8, kept in registers meanwhile; the tiles of the diagonal sum the right-hand side too.
void FoldIn::Scratch::AddTile(size_t first_row, size_t first_column, size_t entries) {
  Float8 tile[kTile];
  for (size_t r = 0; r < kTile; ++r) tile[r] = Load(matrix.Row(first_row + r) + first_column);
  Float8 right = Broadcast(0.0F);
  const float* entry = rows.data();
  for (size_t i = 0; i < entries; ++i, entry += stride) {
    const Float8 columns = Load(entry + first_column);
#pragma GCC unroll 8
    for (size_t r = 0; r < kTile; ++r) tile[r] = MultiplyAdd(Broadcast(entry[first_row + r]), columns, tile[r]);
    right = MultiplyAdd(Broadcast(root[i]), columns, right);
  }
  for (size_t r = 0; r < kTile; ++r) Store(matrix.Row(first_row + r) + first_column, tile[r]);
  if (first_row == first_column) Store(&sum[first_row], right);
}

/// False if even a large ridge does not make the matrix positive definite in floats, which no table or history should.
bool FoldIn::Scratch::Factorise(const DesignTable& table, const FoldInOptions& options, size_t entries) {
  float ridge = options.lambda;
  for (int i = 0; i < kRidgeTries; ++i, ridge *= 10) {
    FillMatrix(table, options.w0, ridge, entries);
    if (matrix.Factorise()) return true;
  }
  return false;
}

void FoldIn::Scratch::SolveBefore(size_t entries) {
  if (entries == 0) {
    std::fill(before.begin(), before.end(), 0.0F);
  } else {
    matrix.Solve(sum.data(), before.data());
  }
}

/// after = before + A^-1 v (sqrt(c) - v' before) / (1 + v' A^-1 v) with v = sqrt(c) q of the last entry.
void FoldIn::Scratch::AddLast() {
  const size_t last = entry_of.size() - 1;
  const int n = static_cast<int>(stride);
  matrix.Solve(Entry(last), direction.data());
  step = 1.0F + DotProduct(Entry(last), direction.data(), n);
  const float length = (root[last] - DotProduct(Entry(last), before.data(), n)) / step;
  for (size_t c = 0; c < stride; c += kTile)
    Store(&after[c], MultiplyAdd(Broadcast(length), Load(&direction[c]), Load(&before[c])));
}

FoldIn::FoldIn(const FoldInOptions& options, int k) : scratch_(std::make_unique<Scratch>(options, k)), options_(options) {}

FoldIn::~FoldIn() = default;

FoldIn::Vectors FoldIn::Solve(const DesignTable& table, std::span<const Interaction> history, int64_t now_ms) {
  Scratch& s = *scratch_;
  s.Gather(table, history, now_ms);
  const size_t entries = s.entry_of.size();
  const bool last_counts = entries > 0 && static_cast<size_t>(s.entry_of.back()) + 1 == history.size();
  const size_t entries_before = entries - (last_counts ? 1 : 0);
  s.step = 0;
  s.solved = entries > 0 && s.Factorise(table, options_, entries_before);
  if (!s.solved) {
    std::fill(s.before.begin(), s.before.end(), 0.0F);
    return {s.before, s.before, false, false};
  }
  s.SolveBefore(entries_before);
  if (!last_counts) return {s.before, s.before, true, true};
  s.AddLast();
  return {s.before, s.after, entries_before > 0, true};
}

int FoldIn::LargestShare(const DesignTable& table, int row) {
  Scratch& s = *scratch_;
  if (!s.solved) return -1;
  const int n = static_cast<int>(s.stride);
  s.matrix.Solve(table.Factor(row), s.share.data());
  if (s.step > 0) {
    const float scale = DotProduct(s.Entry(s.entry_of.size() - 1), s.share.data(), n) / s.step;
    for (size_t c = 0; c < s.stride; ++c) s.share[c] = std::fma(-scale, s.direction[c], s.share[c]);
  }
  std::pair<float, int> largest{0.0F, -1};
  for (size_t i = 0; i < s.entry_of.size(); ++i) {
    const float share = s.root[i] * DotProduct(s.share.data(), s.Entry(i), n);
    if (share > largest.first) largest = {share, s.entry_of[i]};
  }
  return largest.second;
}

}  // namespace catwalk::models
