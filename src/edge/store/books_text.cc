// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "edge/store/generation_store.h"

namespace reeve::store {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kForm = "reeve books 1";

Error Damaged() {
  return Error{ErrorKind::kInvalid, 0, "books", "damaged, or of a later reeve"};
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

std::optional<Adopted> AdoptedOf(const Json& json) {
  Reader reader(json);
  auto path = CgroupPath::Parse(reader.Text("cgroup"));
  if (!path.has_value()) return std::nullopt;
  Adopted adopted;
  adopted.path = *std::move(path);
  adopted.file = reader.Text("key");
  adopted.value = reader.Text("value");
  adopted.instead_of = reader.Text("instead_of");
  adopted.by = reader.Text("by");
  if (!reader.good()) return std::nullopt;
  return adopted;
}

}  // namespace

std::string FormatBooks(const Books& books) {
  Json json = {{"form", kForm}, {"history", Json::array()}};
  for (const GenerationRecord& record : books.history) {
    json["history"].push_back({{"generation", record.number},
                               {"at", record.at},
                               {"by", ToJson(record.origin)},
                               {"what", record.what},
                               {"result", record.result},
                               {"policy_hash", record.policy_hash}});
  }
  if (books.hold) {
    json["hold"] = {
        {"by", ToJson(books.hold->origin)}, {"since", books.hold->since}, {"until", nullptr}};
    if (books.hold->until) json["hold"]["until"] = *books.hold->until;
  }
  if (books.confirmation) {
    json["confirmation"] = {{"generation", books.confirmation->generation},
                            {"back_to", books.confirmation->back_to},
                            {"before", books.confirmation->before},
                            {"by", ToJson(books.confirmation->origin)}};
  }
  if (books.next_moment) json["next_moment"] = *books.next_moment;
  if (!books.engine.in_force.empty()) {
    json["in_force"] = books.engine.in_force;
    json["in_force_tree"] = books.engine.tree;
  }
  if (!books.engine.units_in_force.empty()) {
    json["units_in_force"] = books.engine.units_in_force;
    json["in_force_tree"] = books.engine.tree;
  }
  for (const Adopted& adopted : books.engine.adopted) {
    json["adopted"].push_back({{"cgroup", adopted.path.text()},
                               {"key", adopted.file},
                               {"value", adopted.value},
                               {"instead_of", adopted.instead_of},
                               {"by", adopted.by}});
  }
  // Bytes that are no UTF-8 (a person's words) become U+FFFD rather than an exception.
  return json.dump(1, ' ', true, Json::error_handler_t::replace) + "\n";
}

Result<Books> ParseBooks(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  Reader reader(json);
  if (reader.Text("form") != kForm || !reader.good()) return Damaged();
  Books books;
  const Json* history = reader.Find("history");
  if (history == nullptr || !history->is_array()) return Damaged();
  for (const Json& line : *history) {
    auto record = RecordOf(line);
    if (!record) return Damaged();
    books.history.push_back(*std::move(record));
  }
  if (const Json* hold = reader.Find("hold")) {
    Reader inner(*hold);
    books.hold = Hold{inner.From("by"), inner.Number("since"), inner.MaybeNumber("until")};
    if (!inner.good()) return Damaged();
  }
  if (const Json* wait = reader.Find("confirmation")) {
    Reader inner(*wait);
    books.confirmation = Confirmation{static_cast<std::uint64_t>(inner.Number("generation")),
                                      static_cast<std::uint64_t>(inner.Number("back_to")),
                                      inner.Number("before"),
                                      inner.From("by")};
    if (!inner.good()) return Damaged();
  }
  books.next_moment = reader.MaybeNumber("next_moment");
  if (reader.Find("in_force") != nullptr) books.engine.in_force = reader.Text("in_force");
  if (reader.Find("in_force_tree") != nullptr) books.engine.tree = reader.Text("in_force_tree");
  if (reader.Find("units_in_force") != nullptr) {
    books.engine.units_in_force = reader.Text("units_in_force");
  }
  if (const Json* adopted = reader.Find("adopted")) {
    if (!adopted->is_array()) return Damaged();
    for (const Json& line : *adopted) {
      auto record = AdoptedOf(line);
      if (!record) return Damaged();
      books.engine.adopted.push_back(*std::move(record));
    }
  }
  if (!reader.good()) return Damaged();
  return books;
}

}  // namespace reeve::store
