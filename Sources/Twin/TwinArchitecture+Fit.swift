import Base
import Formats

/// Which inputs and heads work, found without reading a value.
extension TwinArchitecture {
  /// The fewest lags with which frames of this size work, up to `limit`; nil where none does.
  public func fewestLags(height: Int, width: Int, head: Int, limit: Int = 256) -> Int? {
    (1...max(1, limit)).first { (try? featureSize(input: [inputChannels, $0, height, width], head: head)) != nil }
  }

  /// Why the layers of a head could not be built; nil for one that could.
  public func buildFailure(head: Int) -> Failure? {
    do {
      _ = try layers.head(head)
      return nil
    } catch let failure as Failure {
      return failure
    } catch {
      return nil
    }
  }

  /// The frontend's filter over time, where it may be longer than the input: what it would read beyond counts as 0.
  public var frontendFilter: (name: String, lags: Int)? {
    for name in ["Ky_filter", "basis"] {
      if let tensor = parameters.first(where: { $0.name == "frontend.\(name)" }), let lags = tensor.shape.last {
        return (tensor.name, lags)
      }
    }
    guard configuration["frontend"]?["type"]?.stringValue == "da" else { return nil }
    return ("frontend", configuration.at("frontend.params.filter_length")?.intValue ?? 200)
  }
}
