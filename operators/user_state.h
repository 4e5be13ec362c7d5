#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/serde.h"
#include "models/fit.h"
#include "models/interaction.h"
#include "schemas/events.pb.h"

namespace catwalk::operators {

inline constexpr size_t kActivityKinds = 12;  // of schemas::Activity::Kind

/// A size that was bought or rented, and of whose fit nothing has been said yet.
struct TakenSize {
  uint64_t event = 0;               // Hash64 of the purchase's id
  models::DesignKey design = 0;
  models::Size size;
  bool operator==(const TakenSize&) const = default;
};

/// What was said of how a size fitted.
struct SaidFit {
  models::DesignKey design = 0;
  models::Size size;
  models::Fit fit = models::Fit::kTrue;
  bool operator==(const SaidFit&) const = default;
};

/// What is known of a user: facts only. The user vector, preferences and lists are computed from them and from the
/// global tables at hand, and never stored.
struct UserState {
  /// Hash64 of the latest event ids, oldest first, bounded: the memory of deduplication.
  std::vector<uint64_t> seen;
  /// The latest interactions in the order they were processed, oldest first, bounded.
  std::vector<models::Interaction> history;
  /// Designs bought whose purchase has left the history, oldest first, bounded.
  std::vector<models::DesignKey> bought;
  /// Seconds spent per activity kind (t_i), whole.
  std::array<uint64_t, kActivityKinds> activity_seconds{};
  /// Hash64 of the groups of people the profile belongs to (operators/profile_groups.h), at most kMaxProfileGroups.
  std::vector<uint64_t> groups;
  /// Sizes and measures (models/fit.h). The user's part stays empty here: UserFitOf (operators/user_fit.h) learns it from `said`.
  models::UserFit fit;
  /// Oldest first, at most kMaxSaidFits.
  std::vector<SaidFit> said;
  /// Oldest first, at most kMaxTakenSizes.
  std::vector<TakenSize> taken;

  bool operator==(const UserState&) const = default;
};

/// Of attributes in excess, the later ones do not count.
inline constexpr size_t kMaxProfileGroups = 32;

/// Who says how things fit says so within as many purchases.
inline constexpr size_t kMaxTakenSizes = 32;
/// What was said longer ago tells little more of a body.
inline constexpr size_t kMaxSaidFits = 32;

/// The latest `limit` designs of a history (oldest first), each once, latest first.
void LatestDesigns(std::span<const models::Interaction> history, size_t limit, std::vector<models::DesignKey>* designs);

/// Compact little-endian form with a format version in its first byte; about 10 bytes per interaction and 8 per seen id.
class UserStateSerde final : public Serde<UserState> {
 public:
  void Encode(const UserState& value, std::string* out) const override;
  Status Decode(std::string_view bytes, UserState* value) const override;
};

/// b_i = t_i / T: the share of each activity kind in the time the user has been active. All 0 without any.
std::array<double, kActivityKinds> ActivityShares(const UserState& user);

}  // namespace catwalk::operators
