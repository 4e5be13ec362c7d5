#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/fold_in.h"
#include "models/retrieval.h"
#include "operators/operator.h"
#include "operators/user_options.h"
#include "operators/user_work.h"

namespace catwalk::operators {

/// A list and what it was made from. What the user touched need not be in the table.
struct ExplainedList {
  const models::DesignTable& table;
  const UserState& user;
  models::Uncertainty* uncertainty;                // of the user's vector; null: there is none
  models::Cohort cohort;                           // of the user
  int64_t at_ms = 0;
  std::span<const models::Scored> list;
  std::span<const models::FeatureVector> features; // of each entry; none for a list of the plain kind
};

/// Says why designs are in a list: for the blend by the user's own feature with the largest contribution (weight times value) to the
/// score, of those above 0 (below it, one says what the user does not do), for plain lists by the fold-in. One reason per entry, or none:
///  - fold-in, neighbourhood, return: the interaction with the largest share, "because you rented gown 125564"
///  - affinity: "because you often choose colour black"
///  - profile demand: "wanted by people like you"; segment demand: "wanted by people of your taste"
///  - nothing of the user's own: "popular now"
/// Scratch is inside: one thread.
class Reasoning {
 public:
  Reasoning(const UserOptions& options, int k);
  std::vector<std::vector<std::string>> For(const ExplainedList& explained);

 private:
  std::string Reason(const ExplainedList& explained, size_t entry, int feature);
  std::string BecauseOf(const ExplainedList& explained, models::DesignKey design) const;
  std::string BecauseOfLink(const ExplainedList& explained, size_t entry, models::Feature neighbourhood);
  std::string BecauseOfShare(const ExplainedList& explained, size_t entry);

  models::FoldIn fold_in_;
  // Of the list at hand, worked out when first asked for.
  std::optional<std::vector<int>> shares_;                                         // see FoldIn::LargestShares
  std::map<models::Feature, std::vector<models::DesignKey>> strongest_links_;      // by neighbourhood
};

/// Gives the lists of a batch their reasons.
class Explain final : public Operator<UserWork> {
 public:
  explicit Explain(const UserOptions& options) : options_(options) {}
  std::string_view Name() const override { return "explain"; }
  Status Open(OperatorContext& context) override;
  Status Process(std::span<UserWork> batch, OperatorContext& context) override;

 private:
  UserOptions options_;
  std::unique_ptr<Reasoning> reasoning_;
};

}  // namespace catwalk::operators
