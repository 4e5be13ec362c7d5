#include "tests/schemas/golden.h"

#include <charconv>
#include <ostream>
#include <utility>

#include <google/protobuf/text_format.h>

#include "schemas/events.pb.h"
#include "schemas/internal.pb.h"
#include "schemas/outputs.pb.h"

namespace catwalk::schemas {
namespace {

std::vector<Golden> MakeGoldens() {
  return {
      {Click::descriptor(),
       R"(event_id: "e1" user_id: "u1" design_id: "d1" occurred_at_ms: 1700000000123 action: ACTION_TRY_ON )"
       R"(dwell_ms: 1250.5 session_id: "s1" surface: "home" position: 3 recommendation_event_id: "e0")",
       "0a026531120275311a02643120fbd095ffbc3128063100000000008a93403a0273314204686f6d65480352026530",
       "00",
       R"({"event_id":"e1","user_id":"u1","design_id":"d1","occurred_at_ms":1700000000123,"action":"try-on",)"
       R"("dwell_ms":1250.5,"session_id":"s1","surface":"home","position":3,"recommendation_event_id":"e0"})"},
      {Purchase::descriptor(),
       R"(event_id: "e1" user_id: "u1" design_id: "d1" occurred_at_ms: 1700000000123 kind: KIND_RENTAL )"
       R"(quantity: 2 price_minor: 12990 currency: "EUR" size: "M")",
       "0a026531120275311a02643120fbd095ffbc31280131000000000000004038be6542034555524a014d",
       "0202",
       R"({"event_id":"e1","user_id":"u1","design_id":"d1","occurred_at_ms":1700000000123,"kind":"rental",)"
       R"("quantity":2,"price_minor":12990,"currency":"EUR","size":"M"})"},
      {Activity::descriptor(),
       R"(event_id: "e1" user_id: "u1" occurred_at_ms: 1700000000123 kind: KIND_RUN duration_s: 1800 )"
       R"(distance_m: 5000.25 cadence_spm: 172 stride_m: 1.1 ground: "trail")",
       "0a0265311202753120fbd095ffbc312801310000000000209c4039000000004088b340410000000000806540499a99999999"
       "99f13f5205747261696c",
       "0204",
       R"({"event_id":"e1","user_id":"u1","design_id":"","occurred_at_ms":1700000000123,"kind":"run",)"
       R"("duration_s":1800,"distance_m":5000.25,"cadence_spm":172,"stride_m":1.1,"ground":"trail"})"},
      {Feedback::descriptor(),
       R"(event_id: "e1" user_id: "u1" design_id: "d1" occurred_at_ms: 1700000000123 rating: 0 like: false )"
       R"(fit: FIT_TRUE about_event_id: "e0" proposal_id: "p1")",
       "0a026531120275311a02643120fbd095ffbc3129000000000000000030003802420265304a027031",
       "0206",
       R"({"event_id":"e1","user_id":"u1","design_id":"d1","occurred_at_ms":1700000000123,"rating":0,)"
       R"("like":false,"fit":"true","about_event_id":"e0","proposal_id":"p1"})"},
      {Profile::descriptor(),
       R"(event_id: "e1" user_id: "u1" occurred_at_ms: 1700000000123 locale: "pt-BR" age: 31 body_type: )"
       R"("pear" height: 168.5 weight: 61 bust_band: 34 bust_cup: "b" waist: 70 hips: 98 foot_length: 24.5 )"
       R"(foot_width: 9.5 consents: "mail" consents: "history" attributes { key: "b" value: "2" } attributes )"
       R"({ key: "a" value: "1" })",
       "0a0265311202753120fbd095ffbc312a0570742d4252310000000000003f403a047065617241000000000010654049000000"
       "0000804e405100000000000041405a0162610000000000805140690000000000805840710000000000803840790000000000"
       "0023408201046d61696c820107686973746f72798a01060a01611201318a01060a0162120132",
       "0208",
       R"({"event_id":"e1","user_id":"u1","design_id":"","occurred_at_ms":1700000000123,"locale":"pt-BR",)"
       R"("age":31,"body_type":"pear","height":168.5,"weight":61,"bust_band":34,"bust_cup":"b","waist":70,)"
       R"("hips":98,"foot_length":24.5,"foot_width":9.5,"consents":["mail","history"],"attributes":{"a":"1",)"
       R"("b":"2"}})"},
      {Design::descriptor(),
       R"(design_id: "d1" occurred_at_ms: 1700000000123 title: "Étoile \"noir\"" category: "dress" )"
       R"(silhouette: "a-line" colour: "black" material: "silk" designer: "x" collection: "fw" sizes: "S" )"
       R"(sizes: "M" price_minor: 99900 currency: "EUR" released_at_ms: 1690000000000 expires_at_ms: )"
       R"(1790000000000 attributes { key: "hem" value: "midi" })",
       "1a02643120fbd095ffbc312a0ec389746f696c6520226e6f697222320564726573733a06612d6c696e654205626c61636b4a"
       "0473696c6b5201785a02667762015362014d68bc8c067203455552788088e6de9731800180d8c1a28c348a010b0a0368656d"
       "12046d696469",
       "020a",
       R"({"event_id":"","user_id":"","design_id":"d1","occurred_at_ms":1700000000123,"title":"Étoile )"
       R"(\"noir\"","category":"dress","silhouette":"a-line","colour":"black","material":"silk",)"
       R"("designer":"x","collection":"fw","sizes":["S","M"],"price_minor":99900,"currency":"EUR",)"
       R"("released_at_ms":1690000000000,"expires_at_ms":1790000000000,"attributes":{"hem":"midi"}})"},
      {Recommendation::descriptor(),
       R"(user_id: "u1" event_id: "e1" generated_at_ms: 1700000000456 items { design_id: "d1" score: 0.1 )"
       R"(reasons: "because you tried on d2" size: "10" fit_probability: 0.75 } items { design_id: "d3" } factors_offset: 17 model_offset: 4)",
       "0a0275311202653118c8d395ffbc31222b0a02643115cdcccc3d1a176265636175736520796f75207472696564206f6e2064"
       "32320231303d0000403f22040a02643328113004",
       "00",
       R"({"user_id":"u1","event_id":"e1","generated_at_ms":1700000000456,"items":[{"design_id":"d1",)"
       R"("score":0.1,"reasons":["because you tried on d2"],"size":"10","fit_probability":0.75},{"design_id":"d3","score":0,"reasons":[]}],)"
       R"("factors_offset":17,"model_offset":4})"},
      {Lineage::descriptor(),
       R"(sub_topology: "users" partition: 2 sources { topic: "clicks" from: 5 } batches { run_source: 0 run_length: 4 )"
       R"(tables { topic: "design-factors" offset: 7 } })",
       "0a05757365727310021a0a0a06636c69636b731005221a0a01001201041a120a0e64657369676e2d666163746f72731007",
       "0202",
       R"({"sub_topology":"users","partition":2,"sources":[{"topic":"clicks","from":5}],"batches":[{"run_source":[0],)"
       R"("run_length":[4],"tables":[{"topic":"design-factors","offset":7}]}]})"},
      {Trend::descriptor(),
       R"(granularity: GRANULARITY_DAY window_start_ms: 1700006400000 window_end_ms: 1700092800000 events: 12 )"
       R"(weight: 20.5 designs: 3 top { design_id: "d1" events: 7 weight: 11 } closed: true)",
       "08011080a09c82bd311880d8b5abbd31200c29000000000080344030033a0f0a02643110071900000000000026404001",
       "0204",
       R"({"granularity":"day","window_start_ms":1700006400000,"window_end_ms":1700092800000,"events":12,)"
       R"("weight":20.5,"designs":3,"top":[{"design_id":"d1","events":7,"weight":11}],"closed":true})"},
      {DesignUpdate::descriptor(),
       R"(design_id: "d1" occurred_at_ms: 1700000000123 kind: 2 weight: 0.5 user_vector: 0.25 user_vector: -1 )"
       R"(recent: 18446744073709551615 recent: 7)",
       "0a02643110fbd095ffbc311802250000003f2a080000803e000080bf3210ffffffffffffffff0700000000000000",
       "00",
       R"({"design_id":"d1","occurred_at_ms":1700000000123,"kind":2,"weight":0.5,"user_vector":[0.25,-1],)"
       R"("recent":[18446744073709551615,7]})"},
      {DesignTableRecord::descriptor(),
       R"(factor { design_id: "d1" factor: 0.5 factor: -0.125 popularity: 3.5 popularity_at_ms: 1700000000123 )"
       R"(weight: 9 source_partition: 1 source_offset: 42 })",
       "0a270a02643112080000003f000000be1d0000604020fbd095ffbc312900000000000022403001382a",
       "0202",
       R"({"factor":{"design_id":"d1","factor":[0.5,-0.125],"popularity":3.5,"popularity_at_ms":1700000000123,)"
       R"("weight":9,"source_partition":1,"source_offset":42}})"},
      {ModelRecord::descriptor(),
       R"(blend { shared: 0.5 shared: -1 comparisons: 3 source_offset: 4 })",
       "0a0e0a080000003f000080bf18032004",
       "0212",
       R"({"blend":{"shared":[0.5,-1],"offsets":[],"comparisons":3,"source_offset":4}})"},
      {ModelUpdate::descriptor(),
       R"(window { window_start_ms: 1700000000000 entries { design_id: "d1" events: 3 weight_micros: 4500000 )"
       R"(} })",
       "0a140880d095ffbc31120b0a026431100318a0d49202",
       "0208",
       R"({"window":{"window_start_ms":1700000000000,"entries":[{"design_id":"d1","events":3,)"
       R"("weight_micros":4500000}]}})"},
      {Checkpoint::descriptor(),
       R"(sources { topic: "clicks" offset: 12 } stream_time_ms: 1700000000123 changelog_offset: 88 )"
       R"(committed_at_ms: 1700000000456)",
       "0a0a0a06636c69636b73100c10fbd095ffbc31185820c8d395ffbc31",
       "020c",
       R"({"sources":[{"topic":"clicks","offset":12}],"stream_time_ms":1700000000123,"changelog_offset":88,)"
       R"("committed_at_ms":1700000000456})"},
  };
}

}  // namespace

std::string Golden::Protobuf() const { return FromHex(protobuf_hex); }

std::string Golden::Confluent() const { return FromHex("0001020304" + indexes_hex + protobuf_hex); }

std::unique_ptr<google::protobuf::Message> Golden::NewMessage() const {
  const auto* prototype = google::protobuf::MessageFactory::generated_factory()->GetPrototype(type);
  return std::unique_ptr<google::protobuf::Message>(prototype->New());
}

std::unique_ptr<google::protobuf::Message> Golden::Message() const {
  auto message = NewMessage();
  return google::protobuf::TextFormat::ParseFromString(text, message.get()) ? std::move(message) : nullptr;
}

const std::vector<Golden>& Goldens() {
  static const std::vector<Golden> goldens = MakeGoldens();
  return goldens;
}

void PrintTo(const Golden& golden, std::ostream* out) { *out << golden.type->name(); }

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, value, 16);
    bytes += static_cast<char>(value);
  }
  return bytes;
}

}  // namespace catwalk::schemas
