#pragma once

#include "operators/operator.h"
#include "operators/user_options.h"
#include "operators/user_work.h"

namespace catwalk::operators {

/// The store of UserState, key: user id.
inline constexpr std::string_view kUsersStore = "users";

/// Looks the user up, and drops an event whose id is among the user's latest ones ("duplicate"). Every other event's id is
/// remembered; the oldest is forgotten when there are more than `seen_limit`.
class Deduplicate final : public Operator<UserWork> {
 public:
  explicit Deduplicate(const UserOptions& options) : options_(options) {}
  std::string_view Name() const override { return "deduplicate"; }
  std::vector<state::StoreSpec> Stores() const override { return {{std::string(kUsersStore)}}; }
  Status Open(OperatorContext& context) override;
  Status Process(std::span<UserWork> batch, OperatorContext& context) override;

 private:
  void BringNear(std::span<const UserWork> batch) const;

  UserOptions options_;
  state::Table<UserState>* users_ = nullptr;
};

}  // namespace catwalk::operators
