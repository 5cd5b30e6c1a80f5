import Base
import Rendering
import Synchronization
import Terminal
import Testing

@Suite struct ProgressBarTests {
  /// A clock that tests set, and what was written.
  private final class Stage: Sendable {
    let clock = Mutex(0.0)
    let written = Mutex<[String]>([])

    func bar() -> ProgressBar {
      ProgressBar(
        unicode: false, width: { 80 }, write: { text in self.written.withLock { $0.append(text) } },
        seconds: { self.clock.withLock { $0 } })
    }

    func wait(_ seconds: Double) { clock.withLock { $0 += seconds } }
    var output: [String] { written.withLock { $0 } }
  }

  @Test("Very short work draws nothing")
  func workOfAMomentDrawsNothing() {
    let stage = Stage()
    let bar = stage.bar()
    bar.begin("fitting", total: 10, unit: "cells")
    for done in 1...10 { bar.advance(to: done) }
    bar.end()
    #expect(stage.output == [])
  }

  @Test("The bar is redrawn at most ten times a second")
  func theBarIsRedrawnAtMostTenTimesASecond() {
    let stage = Stage()
    let bar = stage.bar()
    bar.begin("fitting", total: 1000, unit: "cells")
    for done in 1...1000 {
      stage.wait(0.001)
      bar.advance(to: done)
    }
    #expect((5...9).contains(stage.output.count))
  }

  @Test("The bar is removed at the end")
  func theBarClearsItselfAtTheEnd() {
    let stage = Stage()
    let bar = stage.bar()
    bar.begin("fitting", total: 10, unit: "cells")
    stage.wait(1)
    bar.advance(to: 5)
    bar.end()
    bar.end()
    bar.advance(to: 6)
    #expect(stage.output.count == 2)
    #expect(stage.output.last == Escape.clearLine)
  }

  @Test("The bar leaves room for the echo of Ctrl-C")
  func theBarLeavesRoomForTheEchoOfCtrlC() {
    let stage = Stage()
    let bar = stage.bar()
    bar.begin(String(repeating: "long ", count: 40), total: 10, unit: "cells")
    stage.wait(1)
    bar.advance(to: 5)
    #expect(stage.output.map { DisplayWidth.of(Escape.stripped($0)) } == [77])
  }

  @Test("The line shows steps, rate and time left")
  func theLineTellsStepsRateAndTimeLeft() {
    let line = ProgressLine(title: "fitting", done: 30, total: 120, unit: "cells", rate: 0.5)
    #expect(
      line.text(width: 80, unicode: false)
        == "fitting  #######.......................  30/120 cells  0.50 cells/s  3:00 left")
  }

  @Test(
    "The line fits the width: it loses its bar first, then is cut at the end",
    arguments: [
      (10, "refit 日本"), (30, "refit 日本  3/12 cells  1.50 c"),
      (50, "refit 日本  3/12 cells  1.50 cells/s  0:06 left"),
      (79, "refit 日本  ███████░░░░░░░░░░░░░░░░░░░░░░░  3/12 cells  1.50 cells/s  0:06 left"),
    ] as [(Int, String)])
  func theLineFits(_ width: Int, _ text: String) {
    let line = ProgressLine(title: "refit 日本", done: 3, total: 12, unit: "cells", rate: 1.5)
    #expect(DisplayWidth.of(text) <= width)
    #expect(line.text(width: width, unicode: true) == text)
  }

  @Test("Steps that were already done do not enter the rate")
  func stepsThatWereKeptSayNothingAboutTheRate() {
    let stage = Stage()
    let bar = stage.bar()
    bar.begin("predict", total: 2000, unit: "frames", done: 1000)
    stage.wait(2)
    bar.advance(to: 1100)
    #expect(stage.output.last?.hasSuffix("1100/2000 frames  50.0 frames/s  0:18 left") == true)
  }

  @Test("The rate is that of the last seconds")
  func theRateIsThatOfTheLastSeconds() {
    let stage = Stage()
    let bar = stage.bar()
    bar.begin("predict", total: 10_000, unit: "frames")
    // A slow minute, then a quick one.
    for step in 1...60 {
      stage.wait(1)
      bar.advance(to: step)
    }
    for step in 1...60 {
      stage.wait(1)
      bar.advance(to: 60 + 100 * step)
    }
    #expect(stage.output.last?.hasSuffix("6060/10000 frames  100 frames/s  0:40 left") == true)
  }

  @Test("Steps slower than the window have a rate too")
  func stepsSlowerThanTheWindowHaveARateToo() {
    let stage = Stage()
    let bar = stage.bar()
    bar.begin("fitting", total: 10, unit: "cells")
    for step in 1...4 {
      stage.wait(40)
      bar.advance(to: step)
    }
    #expect(stage.output.last?.hasSuffix("4/10 cells  0.03 cells/s  4:00 left") == true)
  }

  @Test("A total of 0 and an unknown rate are shown, and hours too")
  func oddTotalsAreNoTrouble() {
    #expect(
      ProgressLine(title: "a", done: 5, total: 0, unit: "x", rate: 5).text(width: 60, unicode: false).contains(
        "5/0 x"))
    #expect(
      ProgressLine(title: "a", done: 0, total: 5, unit: "x", rate: nil).text(width: 60, unicode: false).contains(
        "0/5 x"))
    #expect(ProgressLine.clock(3725) == "1:02:05")
  }
}
