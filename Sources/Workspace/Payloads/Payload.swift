import Base
import Foundation

/// The content of a version, by kind.
public enum Payload: Sendable, Equatable {
  case twin(TwinPayload)
  case recording(RecordingPayload)
  case predictions(PredictionsPayload)
  case table(TablePayload)
  case calibration(CalibrationPayload)

  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case twin, recording, predictions, table, calibration
  }

  public var kind: Kind {
    switch self {
    case .twin: .twin
    case .recording: .recording
    case .predictions: .predictions
    case .table: .table
    case .calibration: .calibration
    }
  }

  /// Digests of the objects that this version needs.
  public var objects: [String] {
    switch self {
    case .twin(let payload): [payload.overlay].compactMap(\.self)
    case .predictions(let payload): [payload.object].compactMap(\.self)
    case .table(let payload): [payload.object]
    case .recording(let payload): payload.stimuli.compactMap(\.overlay)
    case .calibration: []
    }
  }

  func encoded() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let data =
      switch self {
      case .twin(let payload): try encoder.encode(payload)
      case .recording(let payload): try encoder.encode(payload)
      case .predictions(let payload): try encoder.encode(payload)
      case .table(let payload): try encoder.encode(payload)
      case .calibration(let payload): try encoder.encode(payload)
      }
    return String(decoding: data, as: UTF8.self)
  }

  init(kind: String, encoded: String) throws {
    let data = Data(encoded.utf8)
    let decoder = JSONDecoder()
    do {
      switch Kind(rawValue: kind) {
      case .twin: self = .twin(try decoder.decode(TwinPayload.self, from: data))
      case .recording: self = .recording(try decoder.decode(RecordingPayload.self, from: data))
      case .predictions: self = .predictions(try decoder.decode(PredictionsPayload.self, from: data))
      case .table: self = .table(try decoder.decode(TablePayload.self, from: data))
      case .calibration: self = .calibration(try decoder.decode(CalibrationPayload.self, from: data))
      case nil: throw Failure(.format, "the catalogue holds a version of unknown kind `\(kind)`")
      }
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(
        .format, "the catalogue's record of a \(kind) can't be read", hint: "was it written by a newer vcsh?")
    }
  }
}
