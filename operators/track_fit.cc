#include "operators/track_fit.h"

#include <algorithm>

#include "base/hash.h"
#include "operators/interpret.h"
#include "operators/user_fit.h"

namespace catwalk::operators {
namespace {

void NoteSize(const schemas::Purchase& purchase, UserWork* work) {
  if (purchase.kind() == schemas::Purchase::KIND_RETURN || work->design_id.empty()) return;
  const auto size = models::ParseSize(purchase.size());
  if (!size) return;
  work->size_taken = purchase.size();
  work->user->fit.Add(*size);
  auto& taken = work->user->taken;
  taken.push_back({Hash64(work->event_id), models::KeyOf(work->design_id), *size});
  if (taken.size() > kMaxTakenSizes) taken.erase(taken.begin());
}

/// Null if there is none.
const TakenSize* FindTaken(const UserState& user, const FeedbackSubject& subject) {
  const models::DesignKey design = models::KeyOf(subject.design_id);
  const auto found = std::find_if(user.taken.rbegin(), user.taken.rend(), [&](const TakenSize& taken) {
    return taken.design == design && (subject.about_event_id.empty() || taken.event == Hash64(subject.about_event_id));
  });
  return found == user.taken.rend() ? nullptr : &*found;
}

models::UserFit FitWithout(const models::DesignTable& table, const UserState& user, const TakenSize& taken) {
  models::UserFit fit = UserFitOf(table, user);
  fit.Remove(taken.size);
  return fit;
}

models::FitLesson LessonOf(const models::DesignTable& table, const models::UserFit& before, const TakenSize& taken, models::Fit fit) {
  models::FitLesson lesson{fit, taken.size, table.fit_model().FeaturesOf(before, taken.size), before.part.score(), before.measures,
                           before.measured};
  if (const auto* const design = DesignPart(table, taken.design)) lesson.parts += design->score();
  return lesson;
}

/// Every part learns from what the others were before.
void LearnFrom(const schemas::Feedback& feedback, const models::DesignTable& table, UserWork* work) {
  const auto fit = FitOf(feedback);
  if (!fit) return;
  UserState& user = *work->user;
  const TakenSize* const found = FindTaken(user, {feedback.design_id(), feedback.about_event_id()});
  if (found == nullptr) return;
  const TakenSize taken = *found;
  user.taken.erase(user.taken.begin() + (found - user.taken.data()));
  const models::UserFit before = FitWithout(table, user, taken);
  work->fit_lesson = LessonOf(table, before, taken, *fit);
  work->fit_before = ScoreOfTaken(table.fit_model(), before, nullptr, taken.size);
  user.said.push_back({taken.design, taken.size, *fit});
  if (user.said.size() > kMaxSaidFits) user.said.erase(user.said.begin());
}

}  // namespace

std::optional<models::FitScore> ScoreOfSize(const models::DesignTable& table, const UserState& user, const FeedbackSubject& subject,
                                            const std::optional<models::Size>& taken) {
  const models::FitPart* const design = DesignPart(table, models::KeyOf(subject.design_id));
  if (taken) return ScoreOfTaken(table.fit_model(), UserFitOf(table, user), design, *taken);
  const TakenSize* const found = FindTaken(user, subject);
  if (found == nullptr) return std::nullopt;
  return ScoreOfTaken(table.fit_model(), FitWithout(table, user, *found), design, found->size);
}

Status TrackFit::Process(std::span<UserWork> batch, OperatorContext& context) {
  for (auto& work : batch) {
    if (work.done) continue;
    if (work.topic == schemas::Topic::kPurchases) {
      NoteSize(static_cast<const schemas::Purchase&>(*work.message), &work);
    } else if (work.topic == schemas::Topic::kFeedback) {
      LearnFrom(static_cast<const schemas::Feedback&>(*work.message), context.tables(), &work);
    }
  }
  return Status::Ok();
}

}  // namespace catwalk::operators
