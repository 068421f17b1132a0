// SPDX-License-Identifier: Apache-2.0
#include "core/policy/data_rows.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/findings_text.h"

namespace reeve::policy {
namespace {

using reeve::testing::FindingsText;
using reeve::testing::TextFile;

// Rows as "name=acme plan=gold | name=bakery plan=silver".
std::string Rows(const DataTable& table) {
  std::string text;
  for (const DataRow& row : table.rows) {
    if (!text.empty()) text += " | ";
    for (std::size_t i = 0; i < row.fields.size(); ++i) {
      text +=
          fmt::format("{}{}={}", i == 0 ? "" : " ", row.fields[i].first, row.fields[i].second.text);
    }
  }
  return text;
}

std::string Read(const std::string& name, std::string_view text) {
  Findings findings;
  const DataTable table = ReadRows(TextFile(name, text), findings);
  EXPECT_EQ(FindingsText(findings), "");
  EXPECT_TRUE(table.complete);
  return Rows(table);
}

std::string Wrong(const std::string& name, std::string_view text) {
  Findings findings;
  const DataTable table = ReadRows(TextFile(name, text), findings);
  EXPECT_FALSE(table.complete);
  return FindingsText(findings);
}

TEST(YamlRows, AreAListOfMaps) {
  EXPECT_EQ(Read("c.yaml", "- {name: acme, plan: gold}\n- name: bakery\n  plan: \"\"\n"),
            "name=acme plan=gold | name=bakery plan=");
}

TEST(YamlRows, AnEmptyFileHasNone) {
  EXPECT_EQ(Read("c.yaml", "# nobody yet\n"), "");
}

TEST(YamlRows, JsonIsReadLikeYaml) {
  EXPECT_EQ(Read("c.json", R"([{"name": "acme", "cores": 2}, {"name": "b\"c"}])"),
            "name=acme cores=2 | name=b\"c");
}

TEST(YamlRows, KeepTheirPlaces) {
  Findings findings;
  const DataTable table = ReadRows(TextFile("c.yaml", "- name: acme\n  plan: gold\n"), findings);

  ASSERT_EQ(table.rows.size(), 1U);
  EXPECT_EQ(table.rows[0].fields[1].second.mark.FileLineColumn(), "c.yaml:2:9");
}

TEST(YamlRows, OtherShapesAreFound) {
  EXPECT_EQ(Wrong("c.yaml", "acme: {plan: gold}\n"),
            "c.yaml:1:1 R0306 a data file must be a list of rows\n"
            "  hint: write one map a row, like `- {name: acme, plan: gold}`\n");
  EXPECT_EQ(Wrong("c.yaml", "- acme\n- {name: b}\n"),
            "c.yaml:1:3-6 R0306 a row must be a map of variables and values\n"
            "  hint: write one map a row, like `- {name: acme, plan: gold}`\n");
  EXPECT_EQ(Wrong("c.yaml", "- {name: [a, b]}\n"),
            "c.yaml:1:10 R0307 `name` must be a single value\n"
            "  hint: a variable stands for one text; give each value a column of its own\n");
  EXPECT_EQ(Wrong("c.yaml", "- {name: a}\n---\n- {name: b}\n"),
            "c.yaml:3:1 R0306 a data file holds one document only\n"
            "  hint: write one map a row, like `- {name: acme, plan: gold}`\n");
}

TEST(DataRows, OtherEndingsAreRefused) {
  EXPECT_EQ(Wrong("customers.txt", "name\nacme\n"),
            "- R0306 customers.txt: a data file ends in .yaml, .json or .csv\n");
}

TEST(CsvRows, TakeTheirNamesFromTheHeader) {
  EXPECT_EQ(Read("d.csv", "dept,group,cores\nphys,grp-phys,8\nchem,grp-chem,4\n"),
            "dept=phys group=grp-phys cores=8 | dept=chem group=grp-chem cores=4");
}

TEST(CsvRows, LineEndingsOfEverySystemAndByteOrderMarksAreFine) {
  EXPECT_EQ(Read("d.csv",
                 "\xEF\xBB\xBF"
                 "a,b\r\n1,2\r\n\r\n3,4"),
            "a=1 b=2 | a=3 b=4");
}

TEST(CsvRows, QuotedCellsHoldCommasQuotesAndNewlines) {
  EXPECT_EQ(Read("d.csv", "a,b\n\"x, y\",\"5\"\" disk\"\n\"two\r\nlines\",\n"),
            "a=x, y b=5\" disk | a=two\nlines b=");
}

TEST(CsvRows, BlanksBelongToTheCell) {
  EXPECT_EQ(Read("d.csv", "a,b\n x ,\ty\n"), "a= x  b=\ty");
}

TEST(CsvRows, AHeaderAloneHasNoRows) {
  EXPECT_EQ(Read("d.csv", "a,b\n"), "");
}

TEST(CsvRows, KeepTheirPlacesBehindCellsOfSeveralLines) {
  Findings findings;
  const DataTable table = ReadRows(TextFile("d.csv", "a,b\n\"x\ny\",zz\n"), findings);

  ASSERT_EQ(table.rows.size(), 1U);
  EXPECT_EQ(table.rows[0].mark.FileLineColumn(), "d.csv:2:1");
  EXPECT_EQ(table.rows[0].fields[1].second.mark.FileLineColumn(), "d.csv:3:4");
  EXPECT_EQ(table.rows[0].fields[1].second.mark.length, 2U);
}

TEST(CsvRows, RowsOfAnotherLengthAreFoundAllOfThem) {
  EXPECT_EQ(Wrong("d.csv", "a,b\n1\n1,2\n1,2,3\n"),
            "d.csv:2:1 R0307 this row has 1 cells, the header has 2\n"
            "  hint: a cell with a comma in it goes in quotes: \"a,b\"\n"
            "  also: d.csv:1:1 the header\n"
            "d.csv:4:1 R0307 this row has 3 cells, the header has 2\n"
            "  hint: a cell with a comma in it goes in quotes: \"a,b\"\n"
            "  also: d.csv:1:1 the header\n");
}

TEST(CsvRows, QuotesInTheWrongPlaceEndTheFile) {
  EXPECT_EQ(Wrong("d.csv", "a\n5\" disk\n"),
            "d.csv:2:2 R0306 a quote inside a cell that does not begin with one\n"
            "  hint: quote the whole cell and double the quote inside: \"5\"\" disk\"\n");
  EXPECT_EQ(Wrong("d.csv", "a\n\"x\" y\n"),
            "d.csv:2:4 R0306 text behind a quoted cell\n"
            "  hint: a quote inside a quoted cell is doubled: \"\"\n");
  EXPECT_EQ(Wrong("d.csv", "a\n\"x\ny\n"),
            "d.csv:2:1 R0306 a quote that is never closed\n"
            "  hint: a quote inside a quoted cell is doubled: \"\"\n");
}

TEST(CsvRows, ACarriageReturnAloneIsNoEndOfALine) {
  const std::string hint =
      "  hint: lines end in a line feed, with or without one carriage return before it\n";
  EXPECT_EQ(Wrong("d.csv", "a\nx\ry\n"),
            "d.csv:2:2 R0306 a carriage return inside a cell\n" + hint);
  EXPECT_EQ(Wrong("d.csv", "a\n\"x\r\r\n\"\n"),
            "d.csv:2:3 R0306 a carriage return inside a cell\n" + hint);
}

TEST(CsvRows, TheHeaderMustNameEachColumnOnce) {
  EXPECT_EQ(Wrong("d.csv", "a,,a, b\n1,2,3,4\n"),
            "d.csv:1:3 R0306 a column without a name\n"
            "  hint: the first line names the columns\n"
            "d.csv:1:4 R0306 the column `a` is there twice\n"
            "  also: d.csv:1:1 the first one\n"
            "d.csv:1:6-7 R0306 blanks around the column name ` b`\n"
            "  hint: blanks belong to a cell: write `name,plan`\n");
}

TEST(CsvRows, AnEmptyFileIsNoCsv) {
  EXPECT_EQ(Wrong("d.csv", "\n\n"),
            "- R0306 d.csv is empty\n"
            "  hint: the first line names the columns\n");
}

TEST(CsvRows, BinaryAndForeignEncodingsAreRefused) {
  EXPECT_EQ(Wrong("d.csv", std::string("a\nx\0y\n", 6)),
            "d.csv:2:2 R0104 the control character 0x00: this is no text file\n");
  EXPECT_EQ(Wrong("d.csv", "a\nM\xFCller\n"),
            "- R0105 d.csv is not UTF-8\n"
            "  hint: convert it, for example with `iconv -f ISO-8859-1 -t UTF-8`\n");
}

TEST(CsvRows, ARunawayExportIsCutOffWithOneFinding) {
  std::string text = "a\n";
  for (std::size_t i = 0; i <= kMaxDataRows; ++i) text += "x\n";

  EXPECT_EQ(Wrong("d.csv", text),
            "d.csv:100002:1 R0306 too much data: 100000 rows and 500000 cells are read\n");
  EXPECT_EQ(Wrong("d.csv", std::string(8 << 20, ',')),
            "d.csv:1:1 R0306 more than 1000 cells in a row\n");
}

}  // namespace
}  // namespace reeve::policy
