import Base
import Formats
import Grids
import Recordings
import Training
import Twin

extension Session {
  /// What checks the configurations of a grid: the readers that open a twin and a recording, and the words that `train` takes.
  package var configurationReaders: ConfigurationReaders {
    ConfigurationReaders(
      model: { node in
        try TwinArchitecture.check(configuration: node)
        _ = try Regularisation(node["regularization"])
      },
      data: { node in
        let place = "the dataset YAML"
        _ = try RecordingConfiguration(parent: node, session: nil, sessionName: place).downsamplingFactor()
      },
      option: LateOptions.check,
      both: { model, data in
        let place = "the dataset YAML"
        let lags = try RecordingConfiguration(parent: data, session: nil, sessionName: place).lags["stim"]
        if let lags { try TwinArchitecture.check(configuration: model, frames: lags.count, of: place) }
      },
      readsData: RecordingConfiguration.reads,
      choices: Dictionary(
        (signatures["train"]?.flags ?? []).compactMap { flag in
          guard case .choice(let words) = flag.type else { return nil }
          let key = flag.name.replacing("-", with: "_")
          return TrainingKeys.vcsh.contains(key) ? (key, words) : nil
        }, uniquingKeysWith: { first, _ in first }))
  }
}
