import Base
import Metrics
import Twin

/// What `edit --kernels` did to each kernel.
struct EditedKernelTable {
  struct Row {
    var kernel: Int
    var before: [Double]
    var after: [Double]
    var lost: Double
    var profiles: (before: TimeProfile, after: TimeProfile)

    /// Root mean square of the change over that of the kernel.
    var change: Double? {
      let square = before.reduce(0) { $0 + $1 * $1 }
      let moved = zip(before, after).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      return square > 0 ? (moved / square).squareRoot() : nil
    }
  }

  static let columns = TableShape<Row>([
    .int("kernel", "Its number among the frontend's kernels") { $0.kernel },
    .float("change", "Root mean square of the change, divided by that of the kernel") { $0.change },
    .float("lost", "Share of the energy that fell on taps that the window or the tap mask holds at 0") { $0.lost },
    .float("sum_before", "Sum over its taps") { $0.before.reduce(0, +) },
    .float("sum_after", "The same after the changes") { $0.after.reduce(0, +) },
    .float("weight_lag0_before", "Share of its energy on the first tap") { $0.profiles.before.weightAtLag0 },
    .float("weight_lag0_after", "The same after the changes") { $0.profiles.after.weightAtLag0 },
    .float("mean_ms_before", unit: "ms", "Mean lag, by energy") { $0.profiles.before.meanMs },
    .float("mean_ms_after", unit: "ms", "The same after the changes") { $0.profiles.after.meanMs },
    .float("high_pass_before", "0 where a constant input passes best, 1 where it does not pass") {
      $0.profiles.before.highPass
    },
    .float("high_pass_after", "The same after the changes") { $0.profiles.after.highPass },
  ])

  /// - Parameter kernels: of a twin with the architecture.
  static func table(_ kernels: EditedKernels, _ architecture: TwinArchitecture) -> Table {
    func profile(_ kernel: [Double]) -> TimeProfile {
      TimeProfile(
        lags: kernel.indices.map { $0 * architecture.tapStep }, rateHz: architecture.samplingRate, rows: 1
      ) { kernel[$1] }
    }
    let rows = kernels.before.indices.map { index in
      let (before, after) = (kernels.before[index], kernels.after[index])
      return Row(
        kernel: index, before: before, after: after, lost: kernels.lost[index],
        profiles: (profile(before), profile(after)))
    }
    let changed = rows.count { $0.before != $0.after }
    let largest = kernels.lost.max() ?? 0
    let loss =
      largest > 0
      ? "; taps that the window or the tap mask holds at 0 take up to \(NumberText.sentence(100 * largest)) % of a kernel's energy away"
      : ""
    return columns.table(rows, note: "\(changed) of \(rows.count) kernels change\(loss)")
  }
}
