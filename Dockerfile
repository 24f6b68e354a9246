FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/ssp
COPY requirements.lock ./
RUN /opt/ssp/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml LICENSE ./
COPY core core
COPY projections projections
COPY api api
COPY replay replay
COPY docs/refusals.md docs/refusals.md
RUN /opt/ssp/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --user-group --create-home ssp
COPY --from=build /opt/ssp /opt/ssp
ENV PATH=/opt/ssp/bin:$PATH PYTHONUNBUFFERED=1
USER ssp
WORKDIR /home/ssp
EXPOSE 8000
ENTRYPOINT ["ssp"]
CMD ["serve", "--no-projector", "--host", "0.0.0.0"]
