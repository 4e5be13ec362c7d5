#pragma once

#include <optional>
#include <string_view>

#include "models/design_table.h"
#include "operators/operator.h"
#include "operators/user_work.h"

namespace catwalk::operators {

/// What a feedback is about.
struct FeedbackSubject {
  std::string_view design_id;
  std::string_view about_event_id;   // empty: it does not say
};

/// How the size that a feedback speaks of would be judged by what was known of the user's sizes without it: `taken` if the user
/// state does not hold the purchase yet; else that of the purchase the feedback is about, or if it does not say that of the
/// design's latest purchase of whose fit nothing has been said. None if there is none.
std::optional<models::FitScore> ScoreOfSize(const models::DesignTable& table, const UserState& user, const FeedbackSubject& subject,
                                            const std::optional<models::Size>& taken);

/// The user's side of how things fit.
///
///   u1 buys d1 in "8", and says later that it was small
///   -> at the purchase: 8 among the user's sizes, and kept in mind with design and event
///   -> at the feedback: what was said is kept, for the user's part; what there was to learn from stands in the work, for the
///      design's part and the model's; the size is not kept in mind any more, so that saying it again teaches nothing
///
/// A return, a size that has no place on a scale, and a feedback whose purchase is not known (any more) change nothing.
class TrackFit final : public Operator<UserWork> {
 public:
  std::string_view Name() const override { return "fit"; }
  Status Process(std::span<UserWork> batch, OperatorContext& context) override;
};

}  // namespace catwalk::operators
