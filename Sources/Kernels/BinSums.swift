import CKernels
import Foundation

/// Sums over the valid bins of one cell, in float64. A bin is valid where its mask d is above 0.
///
/// Moments are sums of differences from the first valid bin.
public struct BinSums: Sendable, Equatable {
  /// Valid bins.
  public var bins = 0.0
  /// Sum of d.
  public var weight = 0.0
  /// Sums of d r, d y, d r^2, d y^2 and d r y, with r and y from their origins.
  public var rate = 0.0
  public var count = 0.0
  public var rateSquares = 0.0
  public var countSquares = 0.0
  public var products = 0.0
  public var lowestRate = Double.infinity
  public var originRate = 0.0
  public var originCount = 0.0
  /// Sums of d y ln(r + floor), d y ln r, d y ln y and d ln y!, over bins with spikes.
  public var countLogRate = 0.0
  public var countLogExactRate = 0.0
  public var countLogCount = 0.0
  public var logFactorials = 0.0

  public init() {}

  /// Rows that stay in the cache while all cells are added.
  private static let run = 128

  private static let logs: ck_count_logs = {
    var logs = ck_count_logs()
    ck_count_logs_fill(&logs)
    return logs
  }()

  /// Adds bins, row after row, on all cores: stretches added one after the other give the same bits as the whole.
  ///
  /// Shapes: `rates`, `counts`, `mask` `[row, cell]`; `sums` one a cell.
  /// - Parameter floor: what is added to a rate before its logarithm is taken.
  public static func add(rates: [Float], counts: [Float], mask: [Float], floor: Double, to sums: inout [BinSums]) {
    let cells = sums.count
    guard cells > 0 else { return }
    let rows = rates.count / cells
    precondition(rates.count == rows * cells && counts.count == rates.count && mask.count == rates.count)
    var state = sums.map(\.state)
    // Few bins are not worth waking another core for. A cell's sums do not depend on who adds it up.
    let parts = rates.count < 1 << 16 ? 1 : min(ProcessInfo.processInfo.activeProcessorCount, (cells + 15) / 16)
    rates.withUnsafeBufferPointer { rates in
      counts.withUnsafeBufferPointer { counts in
        mask.withUnsafeBufferPointer { mask in
          state.withUnsafeMutableBufferPointer { state in
            guard let rates = rates.baseAddress, let counts = counts.baseAddress, let mask = mask.baseAddress,
              let state = state.baseAddress
            else { return }
            // Every part writes to its own cells.
            nonisolated(unsafe) let (r, y, d, target) = (rates, counts, mask, state)
            try? Parallel.forEach(parts) { part in
              let first = (cells * part / parts + 4) / 8 * 8
              let last = part + 1 == parts ? cells : (cells * (part + 1) / parts + 4) / 8 * 8
              var logs = Self.logs
              for start in stride(from: 0, to: rows, by: run) where first < last {
                let offset = start * cells
                ck_add_bins(
                  r + offset, y + offset, d + offset, min(run, rows - start), cells, first, min(last, cells), floor,
                  &logs, target)
              }
            }
          }
        }
      }
    }
    sums = state.map(BinSums.init)
  }

  private var state: ck_bin_sums {
    ck_bin_sums(
      bins: bins, weight: weight, rate: rate, count: count, rate_squares: rateSquares, count_squares: countSquares,
      products: products, lowest: lowestRate, origin_rate: originRate, origin_count: originCount,
      count_log_rate: countLogRate, count_log_exact_rate: countLogExactRate, count_log_count: countLogCount,
      log_factorials: logFactorials)
  }

  private init(_ state: ck_bin_sums) {
    bins = state.bins
    weight = state.weight
    rate = state.rate
    count = state.count
    rateSquares = state.rate_squares
    countSquares = state.count_squares
    products = state.products
    lowestRate = state.lowest
    originRate = state.origin_rate
    originCount = state.origin_count
    countLogRate = state.count_log_rate
    countLogExactRate = state.count_log_exact_rate
    countLogCount = state.count_log_count
    logFactorials = state.log_factorials
  }
}
