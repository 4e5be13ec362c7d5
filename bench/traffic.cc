#include "bench/traffic.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>

#include "schemas/codec.h"
#include "schemas/events.pb.h"

namespace catwalk::bench {
namespace {

std::vector<double> Zipf(int count, double exponent) {
  std::vector<double> cumulative(static_cast<size_t>(count));
  double sum = 0;
  for (size_t i = 0; i < cumulative.size(); ++i) cumulative[i] = sum += std::pow(static_cast<double>(i + 1), -exponent);
  for (double& x : cumulative) x /= sum;
  return cumulative;
}

std::string Name(char kind, int number, size_t width) {
  std::string digits = std::to_string(number);
  digits.insert(0, digits.size() < width ? width - digits.size() : 0, '0');
  return kind + digits;
}

}  // namespace

Traffic::Traffic(const TrafficOptions& options)
    : prefix_(options.prefix), random_(options.seed), users_(Zipf(options.users, 0.8)), designs_(Zipf(options.designs, 1.0)) {}

schemas::OutgoingRecord Traffic::Next(const std::string& topic, int64_t occurred_at_ms) {
  return NextOf(Draw(users_), topic, occurred_at_ms);
}

schemas::OutgoingRecord Traffic::NextOf(int user, const std::string& topic, int64_t occurred_at_ms) {
  schemas::Click click;
  click.set_event_id(prefix_ + std::to_string(sequence_++));
  click.set_user_id(Name('u', user, 7));
  click.set_design_id(Name('d', Draw(designs_), 6));
  click.set_occurred_at_ms(occurred_at_ms);
  schemas::OutgoingRecord record;
  record.topic = topic;
  record.key = click.user_id();
  if (!schemas::Encode(click, schemas::Encoding::kProtobuf, 0, &record.value).ok()) std::abort();  // never empty
  return record;
}

int Traffic::Draw(const std::vector<double>& cumulative) {
  const double x = std::uniform_real_distribution<double>()(random_);
  const auto found = std::ranges::lower_bound(cumulative, x);
  return static_cast<int>(std::min<ptrdiff_t>(found - cumulative.begin(), std::ssize(cumulative) - 1));
}

}  // namespace catwalk::bench
