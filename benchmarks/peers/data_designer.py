"""NeMo Data Designer: one text column over a seed set of prompts."""

from collections.abc import Iterator

import data_designer.config as dd
import pandas as pd
from data_designer.config.run_config import RunConfig
from data_designer.config.seed_source_dataframe import DataFrameSeedSource
from data_designer.interface import DataDesigner
from peers.common import Job, main


def ask(job: Job) -> Iterator[str]:
    model = dd.ModelConfig(
        alias="m",
        model="m",
        provider="local",
        skip_health_check=True,
        inference_parameters=dd.ChatCompletionInferenceParams(
            max_parallel_requests=job.in_flight, timeout=600
        ),
    )
    builder = dd.DataDesignerConfigBuilder(model_configs=[model])
    builder.with_seed_dataset(DataFrameSeedSource(df=pd.DataFrame({"prompt": job.prompts()})))
    builder.add_column(dd.LLMTextColumnConfig(name="text", model_alias="m", prompt="{{ prompt }}"))
    provider = dd.ModelProvider(name="local", endpoint=job.url, provider_type="openai")
    designer = DataDesigner(artifact_path="artifacts", model_providers=[provider])
    most = max(job.in_flight, 1000)  # so that neither rows nor tasks are the limit
    designer.set_run_config(
        RunConfig(buffer_size=most, max_in_flight_tasks=2 * most, otel_metrics_port=None)
    )
    done = designer.create(builder, num_records=job.requests)
    return iter(done.load_dataset()["text"])


if __name__ == "__main__":
    main(ask, "data-designer")
