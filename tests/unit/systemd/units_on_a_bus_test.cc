// SPDX-License-Identifier: Apache-2.0
// The list of units, their files and the writer, against a systemd that is played on a bus.
#include <systemd/sd-event.h>

#include <chrono>
#include <map>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/engine/engine.h"
#include "edge/io/clock.h"
#include "edge/systemd/unit_fs.h"
#include "edge/systemd/unit_list.h"
#include "edge/systemd/unit_values.h"
#include "edge/systemd/unit_writer.h"
#include "support/temp_dir.h"
#include "support/trees.h"
#include "unit/systemd/fake_bus.h"

namespace reeve::systemd {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::UnorderedElementsAre;

constexpr const char* kDb = "postgresql.service";

// What systemd has of one unit.
struct PlayedUnit {
  bool loaded = true;
  std::string active = "active";
  std::string slice = "system.slice";
  std::string user = {};
  std::uint64_t memory_max = kUnitInfinity;
  std::uint64_t cpu_weight = kUnitInfinity;
};

class UnitsOnABus : public ::testing::Test {
 protected:
  UnitsOnABus() : loop_(*Loop::Make()), fake_(loop_) {
    fake_.On("ListUnits", [this](const auto&) { return ListUnits(); });
    fake_.On("Get", [this](const BusValue::List& asked) { return Get(*asked[1].text()); });
    fake_.On("GetAll", [this](const BusValue::List& asked) { return GetAll(*asked[0].text()); });
    fake_.On("Ref", [](const auto&) { return FakeBus::Answer{}; });
    fake_.On("Unref", [](const auto&) { return FakeBus::Answer{}; });
    fake_.On("SetUnitProperties",
             [this](const BusValue::List& asked) { return SetProperties(asked); });
  }

  void Make() {
    bus_ = *Bus::Make(loop_, fake_.Options());
    fs_ = *UnitFs::Make(loop_, *bus_, *UnitMarks::Open(dir_ / "units"), {nullptr, 4096});
    fs_->OnTouch([this](const CgroupPath& unit) { touched_.insert(unit.text()); });
    writer_ = std::make_unique<UnitWriter>(*bus_, *fs_, [] {});
    UnitList::Listener listener;
    listener.on_list = [this] { ++lists_; };
    listener.on_unit = [this](const std::string& unit) { fs_->LookAt(unit); };
    listener.on_all = [this] { fs_->LookAtAll(); };
    list_ = *UnitList::Make(loop_, *bus_, std::move(listener));
    ASSERT_TRUE(RunUntil([this] { return list_->known(); }));
  }

  void TearDown() override { bus_.reset(); }

  void Govern(Desired desired) {
    std::set<std::string> loaded;
    for (const auto& entry : list_->units()) loaded.insert(entry.first);
    fs_->Govern(std::make_shared<const Desired>(std::move(desired)), loaded, {});
    ASSERT_TRUE(RunUntil([this] { return fs_->current(); }));
  }

  static Desired Wants(const char* memory_max) {
    return testing::DesiredTree({{kDb, {{"memory.max", memory_max}}}});
  }

  std::string Read(const char* file) {
    const auto text = fs_->ReadFile(*CgroupPath::Parse(kDb), file);
    return text.has_value() ? *text : text.error().ToString();
  }

  bool RunUntil(const std::function<bool()>& done) {
    const Usec end = io::BootTime() + std::chrono::seconds(5);
    while (!done() && io::BootTime() < end) sd_event_run(loop_.event(), 1'000);
    return done();
  }

  FakeBus::Reaction ListUnits() {
    BusValue::List rows;
    for (const auto& [name, unit] : played_) {
      rows.emplace_back(BusValue::List{name,
                                       "words",
                                       unit.loaded ? "loaded" : "not-found",
                                       unit.active,
                                       "running",
                                       "",
                                       ObjectOf(name),
                                       0U,
                                       "",
                                       "/"});
    }
    return FakeBus::Answer{"a(ssssssouso)", {rows}};
  }

  PlayedUnit Asked() {
    const auto found = played_.find(UnitOf(fake_.object));
    return found == played_.end() ? PlayedUnit{.loaded = false} : found->second;
  }

  FakeBus::Reaction Get(const std::string& property) {
    const PlayedUnit unit = Asked();
    const std::string text = property == "Slice"       ? unit.slice
                             : property == "User"      ? unit.user
                             : property == "LoadState" ? (unit.loaded ? "loaded" : "not-found")
                                                       : "";
    return FakeBus::Answer{"v", {BusValue::Variant("s", text)}};
  }

  FakeBus::Reaction GetAll(const std::string& interface) {
    const PlayedUnit unit = Asked();
    BusValue::List all;
    const auto add = [&](const char* name, BusValue value) {
      all.emplace_back(BusValue::List{name, std::move(value)});
    };
    if (interface == "org.freedesktop.systemd1.Unit") {
      add("LoadState", BusValue::Variant("s", unit.loaded ? "loaded" : "not-found"));
      add("Transient", BusValue::Variant("b", false));
    } else {
      add("ControlGroup", BusValue::Variant("s", "/system.slice/postgresql.service"));
      add("MemoryMax", BusValue::Variant("t", unit.memory_max));
      add("CPUWeight", BusValue::Variant("t", unit.cpu_weight));
    }
    return FakeBus::Answer{"a{sv}", {all}};
  }

  FakeBus::Reaction SetProperties(const BusValue::List& asked) {
    PlayedUnit& unit = played_.at(*asked[0].text());
    EXPECT_EQ(asked[1].yes(), true) << "for this boot only";
    for (const BusValue& row : *asked[2].list()) {
      const auto& cells = *row.list();
      if (*cells[0].text() == "MemoryMax") unit.memory_max = *cells[1].number();
      if (*cells[0].text() == "CPUWeight") unit.cpu_weight = *cells[1].number();
    }
    return FakeBus::Answer{};
  }

  Loop loop_;
  FakeBus fake_;
  support::TempDir dir_;
  std::map<std::string, PlayedUnit> played_ = {{kDb, {}}};
  std::unique_ptr<UnitFs> fs_;
  std::unique_ptr<UnitWriter> writer_;
  std::unique_ptr<UnitList> list_;
  std::unique_ptr<Bus> bus_;
  std::set<std::string> touched_;
  int lists_ = 0;
};

TEST_F(UnitsOnABus, OnlyLoadedUnitsThatHaveACgroupAreListed) {
  played_["getty.target"] = {};
  played_["gone.service"] = {.loaded = false};
  played_["user-1000.slice"] = {};
  played_[kDb].user = "postgres";
  Make();

  EXPECT_THAT(list_->units(), UnorderedElementsAre(Key(kDb), Key("user-1000.slice")));
  EXPECT_EQ(list_->units().at(kDb).slice, "system.slice");
  EXPECT_EQ(list_->units().at(kDb).user, "postgres");
  EXPECT_EQ(list_->units().at("user-1000.slice").slice, "user.slice");
}

TEST_F(UnitsOnABus, AUnitThatComesAndGoesIsToldOf) {
  Make();
  const int before = lists_;

  played_["app@1.service"] = {};
  fake_.Emit({std::string(kSystemdPath),
              std::string(kSystemdManager),
              "UnitNew",
              {"app@1.service", ObjectOf("app@1.service")}},
             "so");
  ASSERT_TRUE(RunUntil([&] { return list_->units().contains("app@1.service"); }));
  ASSERT_TRUE(RunUntil([&] { return lists_ > before; }));
  played_.erase("app@1.service");
  fake_.Emit({std::string(kSystemdPath),
              std::string(kSystemdManager),
              "UnitRemoved",
              {"app@1.service", ObjectOf("app@1.service")}},
             "so");

  EXPECT_TRUE(RunUntil([&] { return !list_->units().contains("app@1.service"); }));
}

// What reeve asks itself makes systemd load names for a moment; it must not answer that with a question.
TEST_F(UnitsOnABus, ANameWithoutAUnitIsAskedAboutOnce) {
  Make();
  list_->Want({"nowhere.service"});
  ASSERT_TRUE(
      RunUntil([&] { return std::count(fake_.calls.begin(), fake_.calls.end(), "Unref"); }));
  const std::size_t calls = fake_.calls.size();

  fake_.Emit({std::string(kSystemdPath),
              std::string(kSystemdManager),
              "UnitNew",
              {"nowhere.service", ObjectOf("nowhere.service")}},
             "so");
  const Usec end = io::BootTime() + milliseconds(400);
  RunUntil([&] { return io::BootTime() > end; });

  EXPECT_LE(fake_.calls.size(), calls + 1) << "a list at most";
}

TEST_F(UnitsOnABus, FilesReadAsPropertiesSay) {
  played_[kDb].memory_max = 8589934592;
  Make();
  Govern(Wants("8589934592"));

  EXPECT_EQ(Read("memory.max"), "8589934592");
  EXPECT_EQ(Read("cpu.weight"), "[not set]");
  EXPECT_THAT(Read("pids.max"), HasSubstr("no property"));
  EXPECT_EQ(Read("memory.current"), "0");
}

TEST_F(UnitsOnABus, WhatIsWrittenIsSetAndReadBack) {
  Make();
  Govern(Wants("4096"));

  writer_->Start({*CgroupPath::Parse(kDb), "memory.max", "4096"});
  std::optional<Result<std::string>> result;
  ASSERT_TRUE(RunUntil([&] { return (result ? result : result = writer_->Poll()).has_value(); }));

  ASSERT_TRUE(result->has_value()) << result->error().ToString();
  EXPECT_EQ(**result, "4096");
  EXPECT_EQ(played_[kDb].memory_max, 4096U);
  EXPECT_EQ(writer_->in_flight(), nullptr);
}

// F96
TEST_F(UnitsOnABus, WithoutABusWritesFailAndWorkAgainWhenItIsBack) {
  Make();
  Govern(Wants("4096"));
  fake_.Stop();
  ASSERT_TRUE(RunUntil([&] { return !fs_->current(); }));
  EXPECT_FALSE(list_->known());

  writer_->Start({*CgroupPath::Parse(kDb), "memory.max", "4096"});
  std::optional<Result<std::string>> result;
  ASSERT_TRUE(RunUntil([&] { return (result ? result : result = writer_->Poll()).has_value(); }));
  ASSERT_FALSE(result->has_value());
  EXPECT_EQ(result->error().kind, ErrorKind::kBusy);

  fake_.Start();
  EXPECT_TRUE(RunUntil([&] { return fs_->current() && list_->known(); }));
}

TEST_F(UnitsOnABus, AReloadLooksAtEverythingAgain) {
  Make();
  Govern(Wants("4096"));
  touched_.clear();
  played_[kDb].memory_max = 7;

  fake_.Emit({std::string(kSystemdPath), std::string(kSystemdManager), "Reloading", {false}}, "b");

  ASSERT_TRUE(RunUntil([&] { return touched_.contains(kDb); }));
  EXPECT_EQ(Read("memory.max"), "7");
}

TEST_F(UnitsOnABus, TheEngineGovernsThemAndGivesBackWhatItFound) {
  played_[kDb].memory_max = 1000;
  Make();
  Govern(Wants("4096"));
  engine::Engine engine(*fs_, 4096, plan::Ground::kUnits);
  engine.UseSlowWriter(*writer_);
  const auto settle = [&] {
    return RunUntil([&] {
      engine.Step(std::chrono::seconds(1));
      return engine.planned() && engine.resting();
    });
  };

  engine.SetDesired(Wants("4096"));
  ASSERT_TRUE(settle());
  EXPECT_EQ(played_[kDb].memory_max, 4096U);
  EXPECT_TRUE(engine.as_described());

  Govern({});
  engine.SetDesired(Desired());
  ASSERT_TRUE(settle());
  EXPECT_EQ(played_[kDb].memory_max, 1000U);
}

TEST(UnitMarks, OutliveWhoWroteThem) {
  const support::TempDir dir;
  auto marks = UnitMarks::Open(dir / "units");
  ASSERT_TRUE(marks.has_value());
  ASSERT_TRUE(marks->Write(kDb, {"", "reeve/1\npath a\nset memory.max 7\n"}).has_value());
  ASSERT_TRUE(marks->Write("run-1.scope", {"transient00", "reeve/1\n"}).has_value());
  marks->Forget("run-1.scope");

  const auto next = UnitMarks::Open(dir / "units");

  ASSERT_TRUE(next.has_value());
  EXPECT_THAT(next->all(), ElementsAre(Key(kDb)));
  EXPECT_EQ(next->Find(kDb)->text, "reeve/1\npath a\nset memory.max 7\n");
}

TEST(UnitValues, PropertiesAreDescribedAsSystemctlShowsThem) {
  const auto described = [](const char* name, PropertyValue value) {
    for (const UnitProperty& property : AllUnitProperties()) {
      if (property.property == name) return DescribeProperty(property, value);
    }
    return std::string();
  };
  EXPECT_EQ(described("MemoryMax", kUnitInfinity), "MemoryMax=infinity");
  EXPECT_EQ(described("CPUWeight", kUnitInfinity), "CPUWeight=[not set]");
  EXPECT_EQ(described("CPUQuotaPerSecUSec", std::uint64_t{2'500'000}),
            "CPUQuotaPerSecUSec=2s 500ms");
  EXPECT_EQ(described("AllowedCPUs", std::vector<std::uint8_t>{5}), "AllowedCPUs=0,2");
}

}  // namespace
}  // namespace reeve::systemd
