import Base
import Metrics
import Session

/// Responses to events as tables.
enum TriggeredTable {
  /// A row for each cell and bin.
  static func bins(_ responses: [TriggeredResponse]) -> Table {
    let rows = responses.flatMap { response in
      zip(response.times, response.bins).map { (cid: response.cid, time: $0, bin: $1, rateHz: response.rateHz) }
    }
    func rate(_ name: String, _ value: (TriggeredResponse.Bin) -> Double?) -> Column {
      Column(name, rows.map { row in value(row.bin).map { $0 * row.rateHz } }, unit: "Hz")
    }
    return Table([
      Column("cid", rows.map { Optional($0.cid) }), Column("time_ms", rows.map { Optional($0.time) }, unit: "ms"),
      Column("events", rows.map { Optional($0.bin.events) }), rate("data_hz", \.observed), rate("data_low", \.low),
      rate("data_high", \.high), rate("model_hz", \.predicted),
      Column("reason", rows.map { $0.bin.reason?.rawValue }),
    ])
  }

  /// A row for each cell.
  static func summary(_ responses: [TriggeredResponse]) -> Table {
    let rows = responses.map { (response: $0, summary: TriggeredSummary($0)) }
    func rate(_ name: String, _ value: (TriggeredSummary) -> Double?) -> Column {
      Column(name, rows.map { row in value(row.summary).map { $0 * row.response.rateHz } }, unit: "Hz")
    }
    func peak(_ name: String, _ place: (TriggeredSummary) -> Int?) -> Column {
      Column(name, rows.map { row in place(row.summary).map { row.response.times[$0] } }, unit: "ms")
    }
    return Table([
      Column("cid", rows.map { Optional($0.response.cid) }),
      Column("events", rows.map { Optional($0.response.eventCount) }),
      Column("spikes", collecting: rows.map { Value.whole($0.summary.spikes) }), rate("rate_hz", \.rate),
      rate("rate_hz_model", \.modelRate), peak("peak_ms", \.peak), peak("peak_ms_model", \.modelPeak),
      Column("modulation", rows.map(\.summary.modulation)),
      Column("modulation_model", rows.map(\.summary.modelModulation)), Column("r", rows.map(\.summary.correlation)),
      Column("reason", rows.map { $0.summary.reason?.rawValue }),
    ])
  }
}
