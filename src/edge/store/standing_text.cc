// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "edge/store/generation_store.h"

namespace reeve::store {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kForm = "reeve standing 1";

Error Damaged() {
  return Error{ErrorKind::kInvalid, 0, "standing", "damaged, or of a later reeve"};
}

Json ToJson(const Origin& origin) {
  return {{"who", origin.who}, {"why", origin.why}};
}

// Reads members of an object; everything that is not as written makes `good` false.
class Reader {
 public:
  explicit Reader(const Json& object) : object_(object), good_(object.is_object()) {}

  std::string Text(const char* key) {
    const Json* value = Find(key);
    if (value != nullptr && value->is_string()) return value->get<std::string>();
    good_ = false;
    return "";
  }

  std::int64_t Number(const char* key) {
    const Json* value = Find(key);
    if (value != nullptr && value->is_number_integer()) return value->get<std::int64_t>();
    good_ = false;
    return 0;
  }

  std::optional<std::int64_t> MaybeNumber(const char* key) {
    const Json* value = Find(key);
    if (value == nullptr || value->is_null()) return std::nullopt;
    return Number(key);
  }

  Origin From(const char* key) {
    const Json* value = Find(key);
    if (value == nullptr) {
      good_ = false;
      return {};
    }
    Reader inner(*value);
    Origin origin{inner.Text("who"), inner.Text("why")};
    good_ = good_ && inner.good();
    return origin;
  }

  // nullptr when it is not there.
  const Json* Find(const char* key) const {
    if (!object_.is_object()) return nullptr;
    const auto found = object_.find(key);
    return found == object_.end() ? nullptr : &*found;
  }

  bool good() const { return good_; }

 private:
  const Json& object_;
  bool good_;
};

std::optional<GenerationRecord> RecordOf(const Json& json) {
  Reader reader(json);
  GenerationRecord record;
  record.number = static_cast<std::uint64_t>(reader.Number("generation"));
  record.at = reader.Number("at");
  record.origin = reader.From("by");
  record.what = reader.Text("what");
  record.result = reader.Text("result");
  record.policy_hash = reader.Text("policy_hash");
  if (!reader.good()) return std::nullopt;
  return record;
}

}  // namespace

std::string FormatStanding(const Standing& standing) {
  Json json = {{"form", kForm}, {"history", Json::array()}};
  for (const GenerationRecord& record : standing.history) {
    json["history"].push_back({{"generation", record.number},
                               {"at", record.at},
                               {"by", ToJson(record.origin)},
                               {"what", record.what},
                               {"result", record.result},
                               {"policy_hash", record.policy_hash}});
  }
  if (standing.hold) {
    json["hold"] = {
        {"by", ToJson(standing.hold->origin)}, {"since", standing.hold->since}, {"until", nullptr}};
    if (standing.hold->until) json["hold"]["until"] = *standing.hold->until;
  }
  if (standing.confirmation) {
    json["confirmation"] = {{"generation", standing.confirmation->generation},
                            {"back_to", standing.confirmation->back_to},
                            {"before", standing.confirmation->before},
                            {"by", ToJson(standing.confirmation->origin)}};
  }
  // Bytes that are no UTF-8 (a person's words) become U+FFFD rather than an exception.
  return json.dump(1, ' ', true, Json::error_handler_t::replace) + "\n";
}

Result<Standing> ParseStanding(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  Reader reader(json);
  if (reader.Text("form") != kForm || !reader.good()) return Damaged();
  Standing standing;
  const Json* history = reader.Find("history");
  if (history == nullptr || !history->is_array()) return Damaged();
  for (const Json& line : *history) {
    auto record = RecordOf(line);
    if (!record) return Damaged();
    standing.history.push_back(*std::move(record));
  }
  if (const Json* hold = reader.Find("hold")) {
    Reader inner(*hold);
    standing.hold = Hold{inner.From("by"), inner.Number("since"), inner.MaybeNumber("until")};
    if (!inner.good()) return Damaged();
  }
  if (const Json* wait = reader.Find("confirmation")) {
    Reader inner(*wait);
    standing.confirmation = Confirmation{static_cast<std::uint64_t>(inner.Number("generation")),
                                         static_cast<std::uint64_t>(inner.Number("back_to")),
                                         inner.Number("before"),
                                         inner.From("by")};
    if (!inner.good()) return Damaged();
  }
  return standing;
}

}  // namespace reeve::store
