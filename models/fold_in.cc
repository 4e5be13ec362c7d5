#include "models/fold_in.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/decay.h"
#include "models/lanes.h"
#include "models/tile.h"

namespace catwalk::models {
namespace {

/// So many entries go through all tiles before the next: 16 KiB at k = 32 stay in the first-level cache meanwhile.
constexpr size_t kEntriesAtOnce = 64;
constexpr int kRidgeTries = 6;

using Doubles = AlignedVector<double>;

}  // namespace

/// The matrix of a user is `base` and what `more` adds: of a long history all but its last entry are in the base, of a short one none.
struct FoldIn::Scratch {
  Scratch(const FoldInOptions& options, int k)
      : stride(static_cast<size_t>((k + 7) / 8 * 8)),
        decay(options.half_life_ms),
        matrix(static_cast<int>(stride)),
        sum(stride), white(stride), white_solution(stride), solution(stride),
        narrow(stride), narrow_without_last(stride), by_covariance(stride * Uncertainty::kTogether) {}

  void Gather(const DesignTable& table, std::span<const Interaction> history, int64_t now_ms);
  void Scale(size_t entry, const float* factor);
  void FillMatrix(const DesignTable& table, double w0, double ridge, size_t entries);
  void SumRight(size_t entries);
  bool Factorise(const DesignTable& table, const FoldInOptions& options, size_t entries, Whitening* to);
  void FactorisePrior(const DesignTable& table, const FoldInOptions& options);
  bool Split(const Whitening& factorised, size_t entries);
  bool SetMatrix(const DesignTable& table, const FoldInOptions& options, size_t before);
  void BeginSolutions();
  std::span<const float> SolveFirst(size_t entries, AlignedVector<float>* to);
  void LargestSharesOf(std::span<const float> factors, Uncertainty* of, int* largest_entries);

  Rows<const double> Entries(size_t from = 0) const { return {rows.data() + from * stride, stride}; }

  size_t stride;
  Decay decay;
  Cholesky<double> matrix;
  Whitening with_entries;            // of w0 S + lambda I and the entries before the last of a long history
  std::shared_ptr<const Whitening> prior;      // without any, the same for all users while the table is; uncertainties keep it
  std::shared_ptr<const char> prior_identity;  // of the table it was made of; shared, so that no other has it
  bool prior_is_positive = false;
  const Whitening* base = nullptr;   // one of the two
  LowRankUpdate more;                // of the entries that are not in it
  size_t in_base = 0;                // entries that are
  size_t without_last = 0;           // entries that count, but for the last of the history
  bool solved = false;               // there is something to solve, and a matrix
  Doubles rows;                      // by entry that counts: sqrt(c d^age) q
  std::vector<double> root;          // by entry that counts: sqrt(c d^age)
  std::vector<int> entry_of;         // by entry that counts: its index in the history
  std::vector<int> row_of;           // by entry that counts: its design's row
  std::vector<int32_t> row_by_entry; // of the history; -1: unknown
  Doubles sum;                       // of c d^age q of the entries in the base
  Doubles white;                     // the same in the coordinates of `more`
  Doubles unexplained;               // by entry of `more`: what is solved for its weight, half way
  Doubles weights;                   // by entry of `more`
  Doubles white_solution, solution;
  AlignedVector<float> narrow, narrow_without_last;  // what is handed out
  AlignedVector<float> asked;        // factors whose shares are looked for
  Doubles by_covariance;             // A^-1 q for some of these, side by side
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
  rows.resize(std::max(rows.size(), (entry_of.size() + kTileRows - 1) / kTileRows * kTileRows * stride));
  for (size_t entry = 0; entry < row_of.size(); ++entry) Scale(entry, table.Factor(row_of[entry]));
}

void FoldIn::Scratch::Scale(size_t entry, const float* factor) {
  const size_t n = stride;
  const Double4 scale = Broadcast(root[entry]);
  double* scaled = &rows[entry * n];
  for (size_t c = 0; c < n; c += kDoubleLanes) Store(scaled + c, Multiply(scale, LoadWide(factor + c)));
}

/// The upper triangle of w0 S + ridge I + sum over the first entries.
void FoldIn::Scratch::FillMatrix(const DesignTable& table, double w0, double ridge, size_t entries) {
  const double* gram = table.gram().data();
  for (size_t i = 0; i < stride; ++i) {
    double* row = matrix.Row(i);
    for (size_t c = i / kTileColumns * kTileColumns; c < stride; c += kDoubleLanes)
      Store(row + c, Multiply(Broadcast(w0), Load(gram + i * stride + c)));
    row[i] += ridge;
  }
  for (size_t first = 0; first < entries; first += kEntriesAtOnce) {
    const size_t some = std::min(entries - first, kEntriesAtOnce);
    for (size_t i = 0; i < stride; i += kTileRows)
      for (size_t c = i / kTileColumns * kTileColumns; c < stride; c += kTileColumns)
        AddProducts<Side::kColumns>(Entries(first), Entries(first), some, i, c, {matrix.Row(0), stride});
  }
}

/// The right-hand side: sum c d^age q over the first entries.
void FoldIn::Scratch::SumRight(size_t entries) {
  for (size_t c = 0; c < stride; c += kTileColumns) SumRows(root.data(), Entries(), 0, entries, c, &sum[c]);
}

/// False if even a large ridge does not make the matrix positive definite, which no table or history should.
bool FoldIn::Scratch::Factorise(const DesignTable& table, const FoldInOptions& options, size_t entries, Whitening* to) {
  auto ridge = static_cast<double>(options.lambda);
  for (int i = 0; i < kRidgeTries; ++i, ridge *= 10) {
    FillMatrix(table, static_cast<double>(options.w0), ridge, entries);
    if (!matrix.Factorise()) continue;
    to->Set(matrix);
    return true;
  }
  return false;
}

void FoldIn::Scratch::FactorisePrior(const DesignTable& table, const FoldInOptions& options) {
  if (prior_identity == table.identity()) return;
  prior_identity = table.identity();
  const auto made = std::make_shared<Whitening>();
  prior_is_positive = Factorise(table, options, 0, made.get());
  prior = made;
}

/// The first `entries` are in the base.
bool FoldIn::Scratch::Split(const Whitening& factorised, size_t entries) {
  base = &factorised;
  in_base = entries;
  return more.Set(*base, Entries(entries), entry_of.size() - entries);
}

/// `before`: entries before the last of the history.
bool FoldIn::Scratch::SetMatrix(const DesignTable& table, const FoldInOptions& options, size_t before) {
  if (entry_of.size() <= LowRankUpdate::kMost) {
    FactorisePrior(table, options);
    if (prior_is_positive && Split(*prior, 0)) return true;
  }
  return Factorise(table, options, before, &with_entries) && Split(with_entries, before);
}

/// With y for what the entries in the base come to, r for the roots of the others: the white solution is y + X K^-1 (r - X' y).
void FoldIn::Scratch::BeginSolutions() {
  std::ranges::fill(white, 0.0);
  if (in_base > 0) {
    SumRight(in_base);
    base->Whiten(sum.data(), white.data());
  }
  unexplained.resize(more.room());
  weights.resize(more.room());
  more.Multiply(white.data(), unexplained.data());
  for (size_t j = 0; j < more.count(); ++j) unexplained[j] = root[in_base + j] - unexplained[j];
  more.kernel().Forward(unexplained.data(), unexplained.data());
}

/// From the first entries, of which none but those of `more` are left out: what they are solved by is the first part of what all are.
std::span<const float> FoldIn::Scratch::SolveFirst(size_t entries, AlignedVector<float>* to) {
  if (!solved || entries == 0) {
    std::ranges::fill(*to, 0.0F);
    return *to;
  }
  const size_t of_more = entries - in_base;
  std::copy_n(unexplained.begin(), of_more, weights.begin());
  std::fill(weights.begin() + static_cast<ptrdiff_t>(of_more), weights.end(), 0.0);
  more.kernel().Backward(weights.data(), weights.data());
  white_solution = white;
  more.Add(weights.data(), white_solution.data());
  base->Back(white_solution.data(), solution.data());
  for (size_t c = 0; c < stride; c += kDoubleLanes) StoreNarrow(&(*to)[c], Load(&solution[c]));
  return *to;
}

/// Of the first kTogether of these factors, which may be fewer.
void FoldIn::Scratch::LargestSharesOf(std::span<const float> factors, Uncertainty* of, int* largest_entries) {
  constexpr size_t kTogether = Uncertainty::kTogether;
  double largest[kTogether] = {};
  of->Multiply(factors, by_covariance.data());
  for (size_t first = 0; first < entry_of.size(); first += kTileRows) {
    alignas(32) double products[kTileRows * kTogether] = {};
    AddProducts<Side::kRows>(Entries(first), {by_covariance.data(), kTogether}, stride, 0, 0, {products, kTogether});
    const size_t end = std::min(first + kTileRows, entry_of.size());
    for (size_t entry = first; entry < end; ++entry) {
      for (size_t i = 0; i < factors.size() / stride; ++i) {
        const double share = root[entry] * products[(entry - first) * kTogether + i];
        if (share > largest[i]) largest[i] = share, largest_entries[i] = entry_of[entry];
      }
    }
  }
}

FoldIn::FoldIn(const FoldInOptions& options, int k) : scratch_(std::make_unique<Scratch>(options, k)), options_(options) {}

FoldIn::~FoldIn() = default;

FoldIn::Vector FoldIn::Solve(const DesignTable& table, std::span<const Interaction> history, int64_t now_ms) {
  Scratch& s = *scratch_;
  s.Gather(table, history, now_ms);
  const size_t entries = s.entry_of.size();
  const bool last_counts = entries > 0 && static_cast<size_t>(s.entry_of.back()) + 1 == history.size();
  s.without_last = entries - (last_counts ? 1 : 0);
  s.solved = entries > 0 && s.SetMatrix(table, options_, s.without_last);
  if (s.solved) s.BeginSolutions();
  return {s.SolveFirst(entries, &s.narrow), s.solved};
}

FoldIn::Vector FoldIn::WithoutLast() {
  Scratch& s = *scratch_;
  if (s.without_last == s.entry_of.size()) return {s.narrow, s.solved};
  return {s.SolveFirst(s.without_last, &s.narrow_without_last), s.solved && s.without_last > 0};
}

void FoldIn::TakeUncertainty(Uncertainty* to) {
  Scratch& s = *scratch_;
  const bool has_entries = s.base == &s.with_entries;
  to->prior_ = has_entries ? nullptr : s.prior;
  if (has_entries) std::swap(to->own_, s.with_entries);
  std::swap(to->more_, s.more);
}

void FoldIn::LargestShares(const DesignTable& table, std::span<const Interaction> history, int64_t now_ms, Uncertainty* of,
                           std::span<const int32_t> rows, ScoredBy scored_by, std::vector<int>* entries) {
  Scratch& s = *scratch_;
  entries->assign(rows.size(), -1);
  s.Gather(table, history, now_ms);
  if (s.entry_of.empty()) return;
  s.asked.resize(rows.size() * s.stride);
  for (size_t i = 0; i < rows.size(); ++i) {
    float* const factor = &s.asked[i * s.stride];
    if (scored_by == ScoredBy::kShrunkFactor) table.ShrunkFactor(rows[i], factor);
    else std::copy_n(table.Factor(rows[i]), s.stride, factor);
  }
  for (size_t first = 0; first < rows.size(); first += Uncertainty::kTogether) {
    const size_t some = std::min(rows.size() - first, Uncertainty::kTogether);
    s.LargestSharesOf(std::span(s.asked).subspan(first * s.stride, some * s.stride), of, &(*entries)[first]);
  }
}

void Uncertainty::Of(std::span<const float> factors, std::span<float> deviations) {
  const size_t stride = base().size();
  for (size_t first = 0; first < deviations.size(); first += kTogether) {
    double squares[kTogether], taken_off[kTogether];
    Whiten(factors.subspan(first * stride));
    SumSquares(white_.data(), stride, squares);
    more_.Shorten(white_.data(), taken_off);
    const size_t count = std::min(kTogether, deviations.size() - first);
    for (size_t i = 0; i < count; ++i) deviations[first + i] = static_cast<float>(std::sqrt(std::max(squares[i] - taken_off[i], 0.0)));
  }
}

void Uncertainty::Whiten(std::span<const float> factors) {
  const size_t stride = base().size();
  factors_.resize(stride * kTogether);
  white_.resize(stride * kTogether);
  Turn(Rows<const float>{factors.data(), stride}, std::min(kTogether, factors.size() / stride), stride, {factors_.data(), kTogether});
  base().WhitenTogether(factors_.data(), kTogether, white_.data());
}

void Uncertainty::Multiply(std::span<const float> factors, double* products) {
  Whiten(factors);
  more_.TakeOff(white_.data());
  base().BackTogether(white_.data(), kTogether, products);
}

}  // namespace catwalk::models
