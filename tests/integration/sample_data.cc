#include "tests/integration/sample_data.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>

#include "apps/replay/byte_source.h"
#include "apps/replay/line_reader.h"

namespace catwalk::tests {
namespace {

constexpr int64_t kStartMs = 1'690'000'000'000;

const std::filesystem::path& RealRentals() {
  static const std::filesystem::path path = std::filesystem::path(CATWALK_SOURCE_DIR) / "../shared/data/renttherunway.tsv.xz";
  return path;
}

/// Zipf-like: small numbers often.
int Skewed(std::mt19937_64* random, int n) {
  const double u = std::uniform_real_distribution<double>(0, 1)(*random);
  return static_cast<int>(u * u * u * n);
}

void WriteStandIn(std::ostream& out, int rows) {
  out << "review_date\tuser_id\titem_id\tcategory\tsize\tfit\trating\trented_for\tbody_type\theight_in\tweight_lbs\tbust_size_num\tbust_size_letter\tage\n";
  std::mt19937_64 random(17);
  const char* categories[] = {"gown", "dress", "top", "jumpsuit"};
  const char* fits[] = {"fit", "small", "large"};
  for (int row = 0; row < rows; ++row) {
    const int design = Skewed(&random, 600);
    const int day = 1 + row * 27 / rows;
    out << "2015-0" << 1 + row * 8 / rows << '-' << (day < 10 ? "0" : "") << day << "\tu" << Skewed(&random, 2'000) << "\tr"
        << design << '\t' << categories[design % 4] << '\t' << design % 20 << '\t' << fits[random() % 3]
        << "\t8\tparty\thourglass\t" << 60 + row % 15 << "\t\t34\tb\t" << 20 + row % 40 << '\n';
  }
}

}  // namespace

void WriteRentals(const std::string& path, int rows) {
  std::ofstream out(path);
  if (!std::filesystem::exists(RealRentals())) {
    std::cout << "the real rentals are not here: seeded ones of the same shape stand in for them" << std::endl;
    WriteStandIn(out, rows);
    return;
  }
  auto source = apps::OpenByteSource(RealRentals().string(), {});
  if (!source.ok()) throw std::runtime_error(source.status().message());
  apps::LineReader reader(std::move(*source));
  apps::Line line;
  for (int row = 0; row <= rows; ++row) {
    const auto more = reader.Next(&line);
    if (!more.ok() || !*more) break;
    out << line.text << '\n';
  }
}

std::vector<std::string> RentalFlags() {
  return {"--map",
          "user_id=user_id,design_id=item_id,occurred_at_ms=review_date,size=size,design.category=category,"
          "profile.body_type=body_type,profile.height=height_in,profile.weight=weight_lbs,profile.bust_band=bust_size_num,"
          "profile.bust_cup=bust_size_letter,profile.age=age,feedback.fit=fit",
          "--set", "kind=rental"};
}

Mixture MakeMixture(uint64_t seed, int events, int users) {
  std::mt19937_64 random(seed);
  const char* topics[] = {"clicks", "purchases", "activity", "feedback", "profiles"};
  Mixture mixture;
  for (int i = 0; i < events; ++i) {
    const auto dice = random() % 100;
    const size_t topic = dice < 55 ? 0 : dice < 75 ? 1 : dice < 85 ? 2 : dice < 95 ? 3 : 4;
    const bool garbage = random() % 100 == 0;
    const int64_t at_ms = garbage ? -1 : kStartMs + i * 1'000 - static_cast<int64_t>(random() % 600'000);
    const std::string event = "e" + std::to_string(i), user = "u" + std::to_string(Skewed(&random, users));
    schemas::OutgoingRecord record;
    record.topic = topics[topic];
    record.key = user;
    record.value = R"({"event_id":")" + event + R"(","user_id":")" + user + R"(","occurred_at_ms":)" + std::to_string(at_ms);
    if (topic != 4) record.value += R"(,"design_id":"d)" + std::to_string(Skewed(&random, 400)) + '"';
    if (topic == 3) record.value += R"(,"rating":4)";
    if (topic == 4) record.value += R"(,"age":33)";
    record.value += '}';
    mixture.records.push_back(record);
    if (garbage) {
      ++mixture.garbage;
    } else if (topic < 3) {
      mixture.wanted.insert(event);
    }
    if (random() % 100 == 0 && !garbage) mixture.records.push_back(record);
  }
  return mixture;
}

}  // namespace catwalk::tests
