#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "operators/user_state.h"
#include "schemas/events.pb.h"
#include "schemas/outputs.pb.h"
#include "tests/testing/topology_test_driver.h"

namespace catwalk::operators {

/// An event time well before the driver's clock.
inline constexpr int64_t kEventTime = 1'690'000'000'000;

schemas::Click MakeClick(const std::string& event_id, const std::string& user, const std::string& design,
                         int64_t at_ms = kEventTime);
schemas::Purchase MakePurchase(const std::string& event_id, const std::string& user, const std::string& design,
                               int64_t at_ms = kEventTime);
schemas::Activity MakeActivity(const std::string& event_id, const std::string& user, schemas::Activity::Kind kind,
                               double duration_s, int64_t at_ms = kEventTime);
schemas::Design MakeDesign(const std::string& design, int64_t expires_at_ms = 0);

/// The default topology with vectors of length 8.
streams::Topology SmallTopology();

/// The stored state of a user; empty if there is none.
UserState StateOf(const tests::TopologyTestDriver& driver, const std::string& user);

std::vector<std::string> DesignsOf(const schemas::Recommendation& list);
std::vector<std::string> EventsOf(const std::vector<schemas::Recommendation>& lists);

}  // namespace catwalk::operators
