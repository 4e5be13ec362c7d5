#include "models/fold_in.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/cholesky.h"
#include "models/decay.h"
#include "models/lanes.h"

namespace catwalk::models {
namespace {

constexpr size_t kLanes = 4;        // doubles in a vector
constexpr size_t kTileRows = 4;
constexpr size_t kTileColumns = 8;  // the stride is a multiple of it
/// So many entries go through all tiles before the next: 16 KiB at k = 32 stay in the first-level cache meanwhile.
constexpr size_t kEntriesAtOnce = 64;
constexpr int kRidgeTries = 6;

using Doubles = AlignedVector<double>;

double Dot(const double* a, const double* b, size_t n) {
  Double4 sum = Broadcast(0.0);
  for (size_t c = 0; c < n; c += kLanes) sum = MultiplyAdd(Load(a + c), Load(b + c), sum);
  return Sum(sum);
}

void Narrow(const Doubles& from, AlignedVector<float>* to) {
  for (size_t c = 0; c < from.size(); c += kLanes) StoreNarrow(&(*to)[c], Load(&from[c]));
}

}  // namespace

struct FoldIn::Scratch {
  Scratch(const FoldInOptions& options, int k)
      : stride(static_cast<size_t>((k + 7) / 8 * 8)),
        decay(options.half_life_ms),
        matrix(static_cast<int>(stride)), prior(static_cast<int>(stride)),
        sum(stride), before(stride), after(stride), direction(stride), share(stride),
        narrow_before(stride), narrow_after(stride), shrunk(stride) {}

  void Gather(const DesignTable& table, std::span<const Interaction> history, int64_t now_ms);
  void Scale(size_t entry, const float* factor);
  void FillMatrix(const DesignTable& table, double w0, double ridge, size_t entries, Cholesky<double>* to);
  void AddTile(size_t first_row, size_t first_column, size_t first, size_t end, Cholesky<double>* to);
  void SumRight(size_t entries);
  bool FactoriseInto(const DesignTable& table, const FoldInOptions& options, size_t entries, Cholesky<double>* to);
  bool Factorise(const DesignTable& table, const FoldInOptions& options, size_t entries);
  void SolveBefore(size_t entries);
  void AddLast();
  void SolveAfter(const double* right, double* solution);
  void SolveEntries();
  int LargestEntry(const Doubles& design, const Doubles& entries) const;

  const double* Entry(size_t i) const { return rows.data() + i * stride; }

  size_t stride;
  Decay decay;
  Cholesky<double> matrix;           // of a user with entries before the last
  Cholesky<double> prior;            // of one without: the same for all of them while S is
  std::vector<double> prior_gram;    // the S it was made of
  bool prior_is_positive = false;
  Cholesky<double>* before_last = nullptr;  // the one of the two that `before` is solved with
  Doubles rows;                      // by entry that counts: sqrt(c d^age) q
  std::vector<double> root;          // by entry that counts: sqrt(c d^age)
  std::vector<int> entry_of;         // by entry that counts: its index in the history
  std::vector<int> row_of;           // by entry that counts: its design's row
  std::vector<int32_t> row_by_entry; // of the history; -1: unknown
  Doubles sum, before, after;
  Doubles direction;                 // A^-1 sqrt(c) q of the last entry, A that of `before`
  Doubles share;
  Doubles solved_entries;            // A^-1 sqrt(c d^age) q of each entry, A that of `after`
  AlignedVector<float> narrow_before, narrow_after;  // what is handed out
  AlignedVector<float> shrunk;       // the factor whose shares are looked for
  double step = 0;                   // 1 + c q' A^-1 q of the last entry; 0: the last entry does not count
  bool solved = false;
};

/// The entries that count, in the order of the history. All rows are found before the first is read: they are spread over
/// the table and come from far.
void FoldIn::Scratch::Gather(const DesignTable& table, std::span<const Interaction> history, int64_t now_ms) {
  root.clear();
  entry_of.clear();
  row_of.clear();
  table.RowsOf(history, &row_by_entry);
  for (size_t i = 0; i < history.size(); ++i) {
    const int row = row_by_entry[i];
    if (row < 0 || !table.HasFactor(row)) continue;
    const float weight = InteractionWeight(history[i].kind, history[i].magnitude) * decay.Over(history[i].at_ms, now_ms);
    if (!(weight > 0)) continue;
    Prefetch(table.Factor(row), table.stride());
    root.push_back(std::sqrt(static_cast<double>(weight)));
    entry_of.push_back(static_cast<int>(i));
    row_of.push_back(row);
  }
  rows.resize(std::max(rows.size(), entry_of.size() * stride));
  for (size_t entry = 0; entry < row_of.size(); ++entry) Scale(entry, table.Factor(row_of[entry]));
}

void FoldIn::Scratch::Scale(size_t entry, const float* factor) {
  const size_t n = stride;
  const Double4 scale = Broadcast(root[entry]);
  double* scaled = &rows[entry * n];
  for (size_t c = 0; c < n; c += kLanes) Store(scaled + c, Multiply(scale, LoadWide(factor + c)));
}

/// The upper triangle of w0 S + ridge I + sum over the first entries.
void FoldIn::Scratch::FillMatrix(const DesignTable& table, double w0, double ridge, size_t entries,
                                 Cholesky<double>* to) {
  const double* gram = table.gram().data();
  for (size_t i = 0; i < stride; ++i) {
    double* row = to->Row(i);
    for (size_t c = i / kTileColumns * kTileColumns; c < stride; c += kLanes)
      Store(row + c, Multiply(Broadcast(w0), Load(gram + i * stride + c)));
    row[i] += ridge;
  }
  for (size_t first = 0; first < entries; first += kEntriesAtOnce) {
    const size_t end = std::min(entries, first + kEntriesAtOnce);
    for (size_t i = 0; i < stride; i += kTileRows)
      for (size_t c = i / kTileColumns * kTileColumns; c < stride; c += kTileColumns) AddTile(i, c, first, end, to);
  }
}

/// Adds entries [first, end) to a tile of 4 x 8, kept in registers meanwhile.
void FoldIn::Scratch::AddTile(size_t first_row, size_t first_column, size_t first, size_t end,
                              Cholesky<double>* to) {
  Double4 left[kTileRows], right[kTileRows];
#pragma GCC unroll 4
  for (size_t r = 0; r < kTileRows; ++r) {
    left[r] = Load(to->Row(first_row + r) + first_column);
    right[r] = Load(to->Row(first_row + r) + first_column + kLanes);
  }
  const double* entry = Entry(first);
  for (size_t i = first; i < end; ++i, entry += stride) {
    Double4 left_columns = Load(entry + first_column), right_columns = Load(entry + first_column + kLanes);
    KeepInRegister(left_columns);
    KeepInRegister(right_columns);
#pragma GCC unroll 4
    for (size_t r = 0; r < kTileRows; ++r) {
      const Double4 scale = Broadcast(entry[first_row + r]);
      left[r] = MultiplyAdd(scale, left_columns, left[r]);
      right[r] = MultiplyAdd(scale, right_columns, right[r]);
    }
  }
#pragma GCC unroll 4
  for (size_t r = 0; r < kTileRows; ++r) {
    Store(to->Row(first_row + r) + first_column, left[r]);
    Store(to->Row(first_row + r) + first_column + kLanes, right[r]);
  }
}

/// The right-hand side: sum c d^age q over the first entries.
void FoldIn::Scratch::SumRight(size_t entries) {
  for (size_t c = 0; c < stride; c += kTileColumns) {
    Double4 left = Broadcast(0.0), right = Broadcast(0.0);
    for (size_t i = 0; i < entries; ++i) {
      left = MultiplyAdd(Broadcast(root[i]), Load(Entry(i) + c), left);
      right = MultiplyAdd(Broadcast(root[i]), Load(Entry(i) + c + kLanes), right);
    }
    Store(&sum[c], left);
    Store(&sum[c + kLanes], right);
  }
}

/// False if even a large ridge does not make the matrix positive definite, which no table or history should.
bool FoldIn::Scratch::FactoriseInto(const DesignTable& table, const FoldInOptions& options, size_t entries,
                                    Cholesky<double>* to) {
  auto ridge = static_cast<double>(options.lambda);
  for (int i = 0; i < kRidgeTries; ++i, ridge *= 10) {
    FillMatrix(table, static_cast<double>(options.w0), ridge, entries, to);
    if (to->Factorise()) return true;
  }
  return false;
}

/// Most users have one entry: what they are solved with changes with the table alone, and comparing it is a tenth of the work.
bool FoldIn::Scratch::Factorise(const DesignTable& table, const FoldInOptions& options, size_t entries) {
  if (entries > 0) {
    before_last = &matrix;
    return FactoriseInto(table, options, entries, &matrix);
  }
  before_last = &prior;
  if (!std::ranges::equal(prior_gram, table.gram())) {
    prior_gram.assign(table.gram().begin(), table.gram().end());
    prior_is_positive = FactoriseInto(table, options, 0, &prior);
  }
  return prior_is_positive;
}

void FoldIn::Scratch::SolveBefore(size_t entries) {
  if (entries == 0) {
    std::fill(before.begin(), before.end(), 0.0);
  } else {
    SumRight(entries);
    before_last->Solve(sum.data(), before.data());
  }
  Narrow(before, &narrow_before);
}

/// after = before + A^-1 v (sqrt(c) - v' before) / (1 + v' A^-1 v) with v = sqrt(c) q of the last entry.
void FoldIn::Scratch::AddLast() {
  const size_t last = entry_of.size() - 1;
  before_last->Solve(Entry(last), direction.data());
  step = 1.0 + Dot(Entry(last), direction.data(), stride);
  const double length = (root[last] - Dot(Entry(last), before.data(), stride)) / step;
  for (size_t c = 0; c < stride; c += kLanes)
    Store(&after[c], MultiplyAdd(Broadcast(length), Load(&direction[c]), Load(&before[c])));
  Narrow(after, &narrow_after);
}

/// By the Sherman-Morrison formula: (A + v v')^-1 b = x - A^-1 v (v' x) / (1 + v' A^-1 v) with x = A^-1 b.
void FoldIn::Scratch::SolveAfter(const double* right, double* solution) {
  before_last->Solve(right, solution);
  if (step <= 0) return;
  const double scale = Dot(Entry(entry_of.size() - 1), solution, stride) / step;
  for (size_t c = 0; c < stride; c += kLanes)
    Store(solution + c, MultiplySubtract(Broadcast(scale), Load(&direction[c]), Load(solution + c)));
}

void FoldIn::Scratch::SolveEntries() {
  const size_t entries = entry_of.size();
  solved_entries.resize(std::max(solved_entries.size(), entries * stride));
  const size_t others = entries - (step > 0 ? 1 : 0);
  for (size_t i = 0; i < others; ++i) SolveAfter(Entry(i), &solved_entries[i * stride]);
  if (others == entries) return;
  double* last = &solved_entries[others * stride];  // direction is its solve already
  for (size_t c = 0; c < stride; c += kLanes) Store(last + c, Multiply(Broadcast(1 / step), Load(&direction[c])));
}

/// Of the entries' rows, the one whose product with `design` is the largest share.
int FoldIn::Scratch::LargestEntry(const Doubles& design, const Doubles& entries) const {
  std::pair<double, int> largest{0.0, -1};
  for (size_t i = 0; i < entry_of.size(); ++i) {
    const double part = root[i] * Dot(design.data(), &entries[i * stride], stride);
    if (part > largest.first) largest = {part, entry_of[i]};
  }
  return largest.second;
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
    std::fill(s.narrow_before.begin(), s.narrow_before.end(), 0.0F);
    return {s.narrow_before, s.narrow_before, false, false};
  }
  s.SolveBefore(entries_before);
  if (!last_counts) return {s.narrow_before, s.narrow_before, true, true};
  s.AddLast();
  return {s.narrow_before, s.narrow_after, entries_before > 0, true};
}

void FoldIn::CopyUncertainty(Uncertainty* to) const {
  const Scratch& s = *scratch_;
  to->before_ = *s.before_last;
  to->direction_ = s.direction;
  to->step_ = s.step;
}

/// By the Sherman-Morrison formula: q' (A + v v')^-1 q = q' A^-1 q - (q' A^-1 v)^2 / (1 + v' A^-1 v).
void Uncertainty::Of(std::span<const float> factors, std::span<float> deviations) {
  constexpr size_t kAtOnce = Cholesky<double>::kAtOnce;
  const size_t stride = direction_.size();
  some_.assign(stride * kAtOnce, 0.0);
  for (size_t first = 0; first < deviations.size(); first += kAtOnce) {
    const size_t count = std::min(kAtOnce, deviations.size() - first);
    for (size_t i = 0; i < count; ++i)
      for (size_t c = 0; c < stride; ++c) some_[c * kAtOnce + i] = static_cast<double>(factors[(first + i) * stride + c]);
    double variances[kAtOnce];
    before_.InverseProducts(some_.data(), variances);
    for (size_t i = 0; i < count; ++i) {
      double along = 0;
      for (size_t c = 0; c < stride; ++c) along = std::fma(some_[c * kAtOnce + i], direction_[c], along);
      if (step_ > 0) variances[i] -= along * along / step_;
      deviations[first + i] = static_cast<float>(std::sqrt(std::max(variances[i], 0.0)));
    }
  }
}

void FoldIn::LargestShares(const DesignTable& table, std::span<const int32_t> rows, ScoredBy scored_by,
                           std::vector<int>* entries) {
  Scratch& s = *scratch_;
  entries->assign(rows.size(), -1);
  if (!s.solved) return;
  const bool by_entry = s.entry_of.size() <= rows.size();
  if (by_entry) s.SolveEntries();
  for (size_t i = 0; i < rows.size(); ++i) {
    if (scored_by == ScoredBy::kShrunkFactor) table.ShrunkFactor(rows[i], s.shrunk.data());
    const float* const factor = scored_by == ScoredBy::kShrunkFactor ? s.shrunk.data() : table.Factor(rows[i]);
    for (size_t c = 0; c < s.stride; c += kLanes) Store(&s.sum[c], LoadWide(factor + c));
    if (!by_entry) s.SolveAfter(s.sum.data(), s.share.data());
    (*entries)[i] = by_entry ? s.LargestEntry(s.sum, s.solved_entries) : s.LargestEntry(s.share, s.rows);
  }
}

}  // namespace catwalk::models
