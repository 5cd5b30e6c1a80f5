import Base
import Language
import Testing

/// Functions over columns with undefined values, and intervals.
@Suite struct SummaryTests {
  let run = Run()

  @Test("An interval becomes two columns")
  func anIntervalBecomesTwoColumns() throws {
    guard case .table(let table)? = try run("cells | summarize mean(bits) ci(mean, bits) by session").last else {
      throw Failure(.mismatch, "no table")
    }
    #expect(table.names == ["session", "mean_bits", "mean_bits_lower", "mean_bits_upper"])
    // One or two values have no interval.
    #expect(table["mean_bits_lower"]?[0] == .null)
    #expect(table["mean_bits_lower"]?[1] == .null)
    #expect(table["mean_bits_upper"]?[1] == .null)
  }

  @Test("The interval of a mean is that of MeanBounds, of a sum as many times it, of a median that of MedianBounds")
  func anIntervalIsThatOfTheBounds() throws {
    let values = (0..<40).map { Double($0 * 7 % 40) }
    let list = "[" + values.map { String($0) }.joined(separator: ", ") + "]"
    let mean = try #require(MeanBounds.interval(of: values))
    #expect(try run.value("ci(mean, \(list)).lower").number == mean.lower)
    #expect(try run.value("ci(sum, \(list)).upper").number == 40 * mean.upper)
    let median = try #require(MedianBounds.interval(of: values))
    #expect(try run.value("ci(median, \(list)).lower").number == median.lower)
    #expect(median.lower < 19.5 && median.upper > 19.5)
    #expect(try run.value("ci(mean, \(list))") == run.value("ci(mean, \(list))"))
  }

  @Test("Intervals of other functions contain the function's value", arguments: ["median", "sd", "sum", "min", "max"])
  func intervalsOfOtherFunctionsHoldTheValue(_ name: String) throws {
    let list = "[1, 4, 2, 8, 5, 7, 3, null, 9, 12, 6, 2.5, 11]"
    #expect(try run.value("ci(\(name), \(list)).lower <= \(name)(\(list))") == .bool(true))
    #expect(try run.value("ci(\(name), \(list)).upper >= \(name)(\(list))") == .bool(true))
  }

  @Test("Correlations are resampled in pairs")
  func correlationsAreResampledInPairs() throws {
    let list = (0..<12).map { "\($0)" }.joined(separator: ", ")
    #expect(try run.value("ci(corr, [\(list), null], [\(list), 3]).lower > 0.9999") == .bool(true))
    #expect(try run.value("ci(corr, [1, 2, 3, 4, null], [2, 4, 6, 8, 10]).lower") == .null)
  }

  @Test(
    "A wrong interval function or argument is a failure",
    arguments: [
      ("echo ci(mean, [1])", "unexpected `(` directly after an argument"),
      ("let x = ci(meen, [1])", "ci does not support `meen`"),
      ("let x = ci(mean, [1], [2])", "mean takes 1 column, not 2"),
      ("let x = ci(corr, [1])", "corr takes 2 columns, not 1"),
      ("let x = ci(mean)", "ci takes at least 2 arguments, not 1"),
      ("cells | summarize ci(mean, session)", "ci needs numbers, not the text 'nova'"),
    ])
  func whatIsWrongWithAnIntervalIsSaid(_ text: String, _ message: String) {
    #expect(run.failure(text)?.message == message)
  }

  @Test("Undefined values are left out and counted")
  func whatIsUndefinedIsLeftOutAndCounted() throws {
    guard case .table(let table)? = try run("cells | summarize mean(bits) count(bits) count()").last else {
      throw Failure(.mismatch, "no table")
    }
    #expect(table.note == "undefined and left out: 1 of 4 values of bits")
    #expect(table["count_bits"]?[0] == .int(3))
    #expect(table["count"]?[0] == .int(4))
  }

  @Test("Rows left out because a compared value is undefined are counted")
  func rowsThatCannotBeComparedAreCounted() throws {
    func note(_ text: String) throws -> String? {
      guard case .table(let table)? = try run(text).last else { throw Failure(.mismatch, "no table") }
      return table.note
    }
    #expect(try note("cells | where bits > 0.1") == "1 of the 2 rows left out has no value of bits")
    #expect(try note("cells | where bits != null") == nil)
    #expect(try note("cells | where bits > mean(bits) or bits == null") == nil)
    #expect(try note("cells | where mean(bits) > 0") == nil)
    #expect(try note("cells | where session == 'sim'") == nil)
  }
}
