#include "operators/design_pace.h"

#include <utility>

namespace catwalk::operators {

void DesignPace::Touch(std::string_view design_id, models::DesignKey key, double weight, double published) {
  const auto [found, first] = progress_.try_emplace(key);
  Progress& progress = found->second;
  if (first) progress.published = published;
  progress.due = progress.due || weight >= progress.published * (1 + options_.growth);
  if (!progress.waiting) Wait(design_id, key);
}

void DesignPace::Wait(std::string_view design_id, models::DesignKey key) {
  progress_[key].waiting = true;
  waiting_.push_back({std::string(design_id), key, records_});
}

bool DesignPace::IsDue(const Waiting& waiting, bool idle) const {
  return (idle && options_.when_idle) || records_ - waiting.since >= options_.max_records || progress_.at(waiting.key).due;
}

std::vector<std::string> DesignPace::TakeDue(bool idle) {
  std::vector<std::string> due;
  std::vector<Waiting> rest;
  for (Waiting& waiting : waiting_) {
    if (!IsDue(waiting, idle)) {
      rest.push_back(std::move(waiting));
      continue;
    }
    Progress& progress = progress_.at(waiting.key);
    progress.waiting = progress.due = false;
    due.push_back(std::move(waiting.design_id));
  }
  waiting_.swap(rest);
  return due;
}

void DesignPace::Emitted(std::string_view design_id, models::DesignKey key, double weight) {
  progress_[key].published = weight;
  emitted_.push_back({std::string(design_id), key, records_});
}

void DesignPace::OnAbort() {
  for (const Waiting& emitted : emitted_) {
    Progress& progress = progress_[emitted.key];
    progress.published = 0;
    progress.due = true;
    if (!progress.waiting) Wait(emitted.design_id, emitted.key);
  }
  emitted_.clear();
}

}  // namespace catwalk::operators
