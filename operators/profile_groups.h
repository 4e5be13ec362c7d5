#pragma once

#include <string>
#include <vector>

#include "schemas/events.pb.h"

namespace catwalk::operators {

/// The groups of people a profile belongs to, one per attribute it knows: "body_type=petite", "attributes.style=boho". A number
/// belongs to a band five per cent wide whatever its unit, "height=85": neighbours on a scale of ratios. Consents are no
/// attribute. In the order of the fields, attributes by name.
std::vector<std::string> GroupsOf(const schemas::Profile& profile);

}  // namespace catwalk::operators
