#pragma once

#include "base/serde.h"
#include "operators/operator.h"
#include "operators/user_options.h"
#include "operators/user_work.h"

namespace catwalk::operators {

/// Canonical bytes (maps in key order), so that equal profiles are equal in the store.
class StoredProfileSerde final : public Serde<schemas::StoredProfile> {
 public:
  void Encode(const schemas::StoredProfile& value, std::string* out) const override;
  Status Decode(std::string_view bytes, schemas::StoredProfile* value) const override;
};

/// Reads an event as what it says of the user, and adds that to the user's state:
///  - click, purchase, wear, feedback: an interaction at the end of the history (the oldest leaves it; what was bought stays
///    known as bought), and the designs touched before it as `recent`;
///  - activity: its seconds, from which b_i = t_i / T (ActivityShares);
///  - profile: merged field by field into store "profiles"; the groups of people it belongs to and its measures go into the user's
///    state.
/// Clicks, purchases and activity want a list; feedback and profiles do not.
class UpdateProfile final : public Operator<UserWork> {
 public:
  explicit UpdateProfile(const UserOptions& options) : options_(options) {}
  std::string_view Name() const override { return "profile"; }
  std::vector<state::StoreSpec> Stores() const override { return {{"profiles"}}; }
  Status Open(OperatorContext& context) override;
  Status Process(std::span<UserWork> batch, OperatorContext& context) override;

 private:
  Status MergeProfile(const UserWork& work);
  void AddInteraction(UserWork* work) const;

  UserOptions options_;
  state::Table<schemas::StoredProfile>* profiles_ = nullptr;
};

}  // namespace catwalk::operators
