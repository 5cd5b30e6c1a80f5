import Base
import Foundation
import Rendering

/// The text of a progress bar: title, bar, steps, rate and time left, as far as they fit.
package struct ProgressLine {
  var title: String
  var done: Int
  var total: Int
  var unit: String
  /// Steps per second; nil where it is not known yet.
  var rate: Double?

  package init(title: String, done: Int, total: Int, unit: String, rate: Double?) {
    self.title = title
    self.done = done
    self.total = total
    self.unit = unit
    self.rate = rate
  }

  package func text(width: Int, unicode: Bool) -> String {
    let share = total > 0 ? min(1, max(0, Double(done) / Double(total))) : 0
    let name = SafeText.line(title)
    var parts = ["\(done)/\(total) \(unit)"]
    if let rate, rate > 0, rate.isFinite {
      parts.append("\(NumberText.threeDigits(rate)) \(unit)/s")
      let left = Double(total - done) / rate
      if left.isFinite, left >= 0 { parts.append("\(Self.clock(left)) left") }
    }
    let facts = parts.joined(separator: "  ")
    let room = min(30, width - DisplayWidth.of(name) - DisplayWidth.of(facts) - 4)
    if room < 5 { return DisplayWidth.cut("\(name)  \(facts)", to: width, mark: "") }
    let filled = Int((share * Double(room)).rounded(.down))
    let bar =
      String(repeating: unicode ? "█" : "#", count: filled)
      + String(repeating: unicode ? "░" : ".", count: room - filled)
    return "\(name)  \(bar)  \(facts)"
  }

  /// `m:ss`, or `h:mm:ss` from one hour on.
  package static func clock(_ seconds: Double) -> String {
    let whole = Int(min(359_999, max(0, seconds.rounded(.up))))
    let tail = String(format: "%02d", whole % 60)
    if whole < 3600 { return "\(whole / 60):\(tail)" }
    return "\(whole / 3600):" + String(format: "%02d", whole / 60 % 60) + ":\(tail)"
  }
}
